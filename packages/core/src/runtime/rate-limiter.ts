/** Longest burst: a limit is met over any stretch longer than this. */
const BURST_MS = 100;
const MS_PER_SECOND = 1000;

/**
 * How many records may be read now. A token bucket that starts empty and holds at most 100 ms worth, so a pause is not
 * made up for.
 */
export class RateLimiter {
  private readonly perMs: number;
  private readonly capacity: number;
  private tokens = 0;
  private last: number;

  constructor(recordsPerSecond: number, nowMs: number) {
    this.perMs = recordsPerSecond / MS_PER_SECOND;
    this.capacity = Math.max(1, this.perMs * BURST_MS);
    this.last = nowMs;
  }

  /** Whole records allowed at this monotonic time. */
  allowance(nowMs: number): number {
    this.tokens = Math.min(this.capacity, this.tokens + (nowMs - this.last) * this.perMs);
    this.last = nowMs;
    return Math.floor(this.tokens);
  }

  spend(records: number): void {
    this.tokens -= records;
  }

  /** Milliseconds until the next record is allowed; about a tenth of the burst at least, so that batches form. */
  get waitMs(): number {
    return Math.max(BURST_MS / 10, (1 - this.tokens) / this.perMs);
  }
}
