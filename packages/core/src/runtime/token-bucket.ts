/** Longest burst: a limit is met over any stretch longer than this. */
const BURST_MS = 100;
const MS_PER_SECOND = 1000;

/**
 * What may be spent now. Starts empty and holds at most 100 ms worth, so a pause is not made up for. May be overdrawn: the
 * debt is paid before anything more is given.
 */
export class TokenBucket {
  /** The most it holds: 100 ms worth, at least 1. */
  readonly capacity: number;
  tokens = 0;
  private readonly perMs: number;
  private last: number;

  constructor(perSecond: number, nowMs: number) {
    this.perMs = perSecond / MS_PER_SECOND;
    this.capacity = Math.max(1, this.perMs * BURST_MS);
    this.last = nowMs;
  }

  refill(nowMs: number): void {
    this.tokens = Math.min(this.capacity, this.tokens + (nowMs - this.last) * this.perMs);
    this.last = nowMs;
  }

  spend(tokens: number): void {
    this.tokens -= tokens;
  }

  /** Milliseconds from the last refill until there are as many. */
  msUntil(tokens: number): number {
    return Math.max(0, tokens - this.tokens) / this.perMs;
  }
}
