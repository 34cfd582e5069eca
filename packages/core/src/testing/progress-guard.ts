import type { JobCore } from '../runtime/index.ts';

/** Bounds the loops of a driver: every so many steps something must have moved. */
export class ProgressGuard {
  private readonly core: JobCore;
  private readonly stepsMax: number;
  private readonly watermarks: number[] = [];
  private counted = -1;
  private steps = 0;

  constructor(core: JobCore, stepsMax: number) {
    this.core = core;
    this.stepsMax = stepsMax;
  }

  /** @throws Error after `stepsMax` calls in a row without a record counted or a watermark raised */
  note(what: string): void {
    this.steps = this.moved() ? 0 : this.steps + 1;
    if (this.steps < this.stepsMax) return;
    throw new Error(
      `${what}: no record and no watermark moved in ${this.steps} steps. A live source never ends by itself: ` +
        'use runUntilWaiting() or stop(). Otherwise an operator or sink is stuck.',
    );
  }

  private moved(): boolean {
    let counted = 0;
    for (const m of this.core.built.metrics.values()) {
      counted += m.in + m.out + m.filtered + m.late + m.deadLettered + m.absorbed;
    }
    let moved = counted !== this.counted;
    this.counted = counted;
    this.core.built.segments.forEach((segment, i) => {
      if (this.watermarks[i] === segment.watermark) return;
      this.watermarks[i] = segment.watermark;
      moved = true;
    });
    return moved;
  }
}
