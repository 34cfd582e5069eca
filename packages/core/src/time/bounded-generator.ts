import type { WatermarkGenerator } from '../model/index.ts';

/** `watermark = highest timestamp - bound - 1` (R27). */
export class BoundedGenerator implements WatermarkGenerator<unknown> {
  private readonly lagMs: number;
  private watermark = -Infinity;

  constructor(boundMs: number) {
    this.lagMs = boundMs + 1;
  }

  onEvent(_value: unknown, timestampMs: number): number {
    const candidate = timestampMs - this.lagMs;
    if (candidate > this.watermark) this.watermark = candidate;
    return this.watermark;
  }

  snapshot(): number {
    return this.watermark;
  }

  restore(state: number): void {
    this.watermark = state;
  }
}
