import type { OperatorMetrics } from '../metrics/index.ts';
import type { Receiver } from '../model/index.ts';
import { Coalescer, type Segment } from '../time/index.ts';
import type { Joint } from './joint.ts';

/** Passes on the records of several segments; its watermark is the lowest of theirs (R29, R31, R32). */
export class UnionOperator implements Receiver<unknown>, Joint {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  /** Its watermarks and idle marks are part of a snapshot. */
  readonly coalescer: Coalescer;
  private readonly next: Receiver<unknown>;
  private readonly metrics: OperatorMetrics;

  constructor(inputs: readonly Segment[], output: Segment, next: Receiver<unknown>, metrics: OperatorMetrics) {
    this.inputs = inputs;
    this.output = output;
    this.coalescer = new Coalescer(inputs.length);
    this.next = next;
    this.metrics = metrics;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    this.metrics.out++;
    // While a change runs through the graph, the output changes in `advance` only: there timers fire with it.
    if (!this.changing()) this.sync();
    this.next.process(value, timestampMs);
  }

  sync(): void {
    this.combine();
    this.output.watermark = this.coalescer.watermark;
    this.output.idle = this.coalescer.idle;
  }

  advance(): boolean {
    this.combine();
    const { output, coalescer } = this;
    output.changed = coalescer.watermark > output.watermark || coalescer.idle !== output.idle;
    output.watermark = coalescer.watermark;
    output.idle = coalescer.idle;
    return true;
  }

  /**
   * An input that has passed a timer already has nothing more to say about it: the timer waits for the others. A timer
   * in the past waits for any change of the minimum (R25).
   */
  lowerAlert(timeMs: number): void {
    for (const input of this.inputs) {
      if (input.watermark < timeMs || timeMs <= this.output.watermark) input.lowerAlert(timeMs);
    }
  }

  announce(): void {
    if (this.output.alert < Infinity) this.lowerAlert(this.output.alert);
  }

  private changing(): boolean {
    const { inputs } = this;
    for (let i = 0; i < inputs.length; i++) if ((inputs[i] as Segment).changed) return true;
    return false;
  }

  private combine(): void {
    const { inputs, coalescer } = this;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i] as Segment;
      if (input.idle) coalescer.setIdle(i, true);
      else if (input.watermark > coalescer.watermarkOf(i) || coalescer.isIdle(i)) coalescer.update(i, input.watermark);
    }
  }
}
