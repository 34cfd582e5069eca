import type { CommitsReport } from '../model/index.ts';
import { Histogram } from './histogram.ts';
import { Recent } from './recent.ts';

/** What is measured of the checkpoints that a job takes in this process. */
export class CommitMeter {
  private count = 0;
  private bytes = 0;
  private lastBytes = 0;
  private lastAt: number | undefined;
  private readonly duration = new Histogram();
  private readonly recent: Recent;

  constructor(nowMs: number) {
    this.recent = new Recent(nowMs, () => [...this.duration.counts]);
  }

  /** @param at when it was complete, epoch milliseconds */
  took(bytes: number, durationMs: number, at: number): void {
    this.count++;
    this.bytes += bytes;
    this.lastBytes = bytes;
    this.lastAt = at;
    this.duration.observe(durationMs);
  }

  report(nowMs: number): CommitsReport {
    const { count, bytes, lastBytes, lastAt } = this;
    return { count, bytes, lastBytes, lastAt, duration: this.duration.report(this.recent.growth(nowMs).values) };
  }
}
