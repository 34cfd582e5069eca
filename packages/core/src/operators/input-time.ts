import { Coalescer, type Segment } from '../time/index.ts';

/**
 * Event time of an operator with several inputs: that of the segments in front of it, combined (R29, R31, R32). What the
 * coalescer remembers is part of a snapshot.
 */
export class InputTime {
  readonly inputs: readonly Segment[];
  readonly coalescer: Coalescer;

  constructor(inputs: readonly Segment[]) {
    this.inputs = inputs;
    this.coalescer = new Coalescer(inputs.length);
  }

  get watermark(): number {
    return this.coalescer.watermark;
  }

  get idle(): boolean {
    return this.coalescer.idle;
  }

  /** Whether a change is on its way through the graph: then the combined time changes in `advance` only, with the timers. */
  get changing(): boolean {
    const { inputs } = this;
    for (let i = 0; i < inputs.length; i++) if ((inputs[i] as Segment).changed) return true;
    return false;
  }

  /** Takes over where the inputs stand. */
  combine(): void {
    const { inputs, coalescer } = this;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i] as Segment;
      if (input.idle) coalescer.setIdle(i, true);
      else if (input.watermark > coalescer.watermarkOf(i) || coalescer.isIdle(i)) coalescer.update(i, input.watermark);
    }
  }

  /**
   * An input that has passed a timer already has nothing more to say about it: the timer waits for the others. A timer in
   * the past waits for any change of the minimum (R25).
   */
  lowerAlert(timeMs: number, passed: number): void {
    for (const input of this.inputs) {
      if (input.watermark < timeMs || timeMs <= passed) input.lowerAlert(timeMs);
    }
  }
}
