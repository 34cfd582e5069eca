import type { OperatorMetrics } from '../metrics/index.ts';
import type { Receiver } from '../model/index.ts';
import type { Coalescer, Segment } from '../time/index.ts';
import { InputTime } from './input-time.ts';
import type { Joint } from './joint.ts';

/** Passes on the records of several segments; its watermark is the lowest of theirs (R29, R31, R32). */
export class UnionOperator implements Receiver<unknown>, Joint {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  private readonly time: InputTime;
  private readonly next: Receiver<unknown>;
  private readonly metrics: OperatorMetrics;

  constructor(inputs: readonly Segment[], output: Segment, next: Receiver<unknown>, metrics: OperatorMetrics) {
    this.inputs = inputs;
    this.output = output;
    this.time = new InputTime(inputs);
    this.next = next;
    this.metrics = metrics;
  }

  /** Its watermarks and idle marks are part of a snapshot. */
  get coalescer(): Coalescer {
    return this.time.coalescer;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    this.metrics.out++;
    if (!this.time.changing) this.sync();
    this.next.process(value, timestampMs);
  }

  sync(): void {
    const { time, output } = this;
    time.combine();
    output.watermark = time.watermark;
    output.idle = time.idle;
  }

  advance(): boolean {
    const { time, output } = this;
    time.combine();
    output.changed = time.watermark > output.watermark || time.idle !== output.idle;
    output.watermark = time.watermark;
    output.idle = time.idle;
    return true;
  }

  lowerAlert(timeMs: number): void {
    this.time.lowerAlert(timeMs, this.output.watermark);
  }

  announce(): void {
    if (this.output.alert < Infinity) this.lowerAlert(this.output.alert);
  }
}
