import type { TimeReport } from '../model/index.ts';
import { Recent } from './recent.ts';
import { timeReport, type Times } from './time-report.ts';

/** How long one sink has had no room. */
export class SinkMeter {
  /** Whether it is the one, or one of those, that the task waits for. */
  full = false;
  private fullMs = 0;
  private readonly recent: Recent;

  constructor(nowMs: number) {
    this.recent = new Recent(nowMs, () => [this.fullMs]);
  }

  waited(ms: number): void {
    if (this.full) this.fullMs += ms;
  }

  tick(nowMs: number): void {
    this.recent.tick(nowMs);
  }

  report(nowMs: number, elapsedMs: number): TimeReport {
    const { ms, values } = this.recent.growth(nowMs);
    const times = (busyMs: number): Times => ({ busyMs, backPressuredMs: 0 });
    return timeReport(times(this.fullMs), elapsedMs, times(values[0] as number), ms);
  }
}
