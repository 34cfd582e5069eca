/** How far back "recent" goes: the rates of a job should follow it, and not flicker. */
const WINDOW_MS = 10_000;
/** Between two readings that are kept. */
const EVERY_MS = 1_000;

interface Reading {
  readonly atMs: number;
  readonly values: readonly number[];
}

/**
 * Growth of counters over the last 10 s or so. Has no timer: whoever counts calls `tick` now and then. Where nothing has
 * called for longer, growth is that since the last reading before.
 */
export class Recent {
  private readonly read: () => readonly number[];
  private readings: Reading[];
  private nextMs: number;

  /** @param read the counters; always as many, in the same order */
  constructor(nowMs: number, read: () => readonly number[]) {
    this.read = read;
    this.readings = [{ atMs: nowMs, values: read() }];
    this.nextMs = nowMs + EVERY_MS;
  }

  tick(nowMs: number): void {
    if (nowMs < this.nextMs) return;
    this.nextMs = nowMs + EVERY_MS;
    this.readings.push({ atMs: nowMs, values: this.read() });
    // One is kept that is older than the window: growth is counted from there.
    while ((this.readings[1]?.atMs ?? Infinity) <= nowMs - WINDOW_MS) this.readings.shift();
  }

  /** How much each counter has grown, and in how many milliseconds. */
  growth(nowMs: number): { readonly ms: number; readonly values: readonly number[] } {
    this.tick(nowMs);
    const [base] = this.readings as [Reading];
    return {
      ms: nowMs - base.atMs,
      values: this.read().map((value, i) => value - (base.values[i] as number)),
    };
  }
}
