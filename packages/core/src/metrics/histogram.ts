import type { HistogramReport } from '../model/index.ts';

/**
 * Upper bounds of the buckets, milliseconds: from 1 ms to an hour, near enough to each other that a percentile is off by a
 * factor of 2.5 at most. Part of the names under which they are exported: fixed.
 */
export const BUCKET_BOUNDS_MS: readonly number[] = Object.freeze([
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000,
]);

/** Counts lengths of time by fixed buckets. */
export class Histogram {
  /** Per bucket, not added up; the last one has no upper bound. */
  readonly counts: number[] = Array.from({ length: BUCKET_BOUNDS_MS.length + 1 }, () => 0);
  private count = 0;
  private sumMs = 0;
  private maxMs = 0;

  /** Below 0 (two clocks differ) counts as 0. */
  observe(ms: number): void {
    const value = Math.max(0, ms);
    let bucket = 0;
    while (bucket < BUCKET_BOUNDS_MS.length && value > (BUCKET_BOUNDS_MS[bucket] as number)) bucket++;
    this.counts[bucket] = (this.counts[bucket] as number) + 1;
    this.count++;
    this.sumMs += value;
    if (value > this.maxMs) this.maxMs = value;
  }

  /** @param recent counts of the latest values, per bucket: percentiles are of these */
  report(recent: readonly number[]): HistogramReport {
    let total = 0;
    const buckets = this.counts.map((count, i) => ({ leMs: BUCKET_BOUNDS_MS[i] ?? Infinity, count: (total += count) }));
    const { count, sumMs, maxMs } = this;
    return {
      count,
      sumMs,
      maxMs,
      buckets,
      p50Ms: quantile(recent, 0.5, maxMs),
      p99Ms: quantile(recent, 0.99, maxMs),
    };
  }
}

/** A percentile, taking values to be spread evenly within their bucket; beyond the last bound it is the highest ever seen. */
export function quantile(counts: readonly number[], share: number, maxMs: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const wanted = share * total;
  let before = 0;
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i] as number;
    if (count > 0 && before + count >= wanted) {
      const high = BUCKET_BOUNDS_MS[i];
      if (high === undefined) return maxMs;
      const low = BUCKET_BOUNDS_MS[i - 1] ?? 0;
      return Math.min(maxMs, low + ((high - low) * (wanted - before)) / count);
    }
    before += count;
  }
  return maxMs;
}
