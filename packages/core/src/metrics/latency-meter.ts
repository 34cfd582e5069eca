import { Histogram } from './histogram.ts';

/** Most records that are followed until their checkpoint; when there are as many, every other one is let go. */
const FOLLOWED_MAX = 1_024;

/**
 * How long records take from their timestamp until they are safe: one of each batch is followed.
 *
 *   noted ... noted --cut--> sealed --commit--> observed
 *                \-- without checkpoints: observed at once
 */
export class LatencyMeter {
  readonly histogram = new Histogram();
  private readonly atCommit: boolean;
  private noted: number[] = [];
  private sealed: number[] = [];
  /** One of so many batches is followed. */
  private stride = 1;
  private skipped = 0;

  constructor(atCommit: boolean) {
    this.atCommit = atCommit;
  }

  /** A batch was processed, a record of which has this timestamp. */
  note(timestampMs: number, nowMs: () => number): void {
    if (!this.atCommit) {
      this.histogram.observe(nowMs() - timestampMs);
      return;
    }
    if (++this.skipped < this.stride) return;
    this.skipped = 0;
    this.noted.push(timestampMs);
    if (this.noted.length < FOLLOWED_MAX) return;
    this.noted = this.noted.filter((_, i) => i % 2 === 0);
    this.stride *= 2;
  }

  /** The state of now is what the next commit makes safe. */
  seal(): void {
    this.sealed.push(...this.noted);
    this.noted = [];
    this.stride = 1;
  }

  committed(nowMs: number): void {
    for (const timestampMs of this.sealed) this.histogram.observe(nowMs - timestampMs);
    this.sealed = [];
  }

  /** What was not committed is read again. */
  drop(): void {
    this.noted = [];
    this.sealed = [];
    this.stride = 1;
  }

  /** The oldest record that no commit has covered yet; `undefined`: there is none. */
  get oldest(): number | undefined {
    let oldest = Infinity;
    for (const timestampMs of this.sealed) oldest = Math.min(oldest, timestampMs);
    for (const timestampMs of this.noted) oldest = Math.min(oldest, timestampMs);
    return oldest === Infinity ? undefined : oldest;
  }
}
