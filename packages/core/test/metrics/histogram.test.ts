import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_BOUNDS_MS, Histogram } from '../../src/metrics/histogram.ts';

describe('Histogram', () => {
  it('counts by buckets that add up', () => {
    const histogram = new Histogram();
    for (const ms of [0, 1, 1.5, 100, 1e9, -5]) histogram.observe(ms);
    const report = histogram.report(histogram.counts);
    expect(report.count).toBe(6);
    expect(report.sumMs).toBe(1 + 1.5 + 100 + 1e9);
    expect(report.maxMs).toBe(1e9);
    expect(report.buckets.find(({ leMs }) => leMs === 1)?.count).toBe(3);
    expect(report.buckets.find(({ leMs }) => leMs === 100)?.count).toBe(5);
    expect(report.buckets.at(-1)).toEqual({ leMs: Infinity, count: 6 });
  });

  it('a percentile lies within the bucket of the exact one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.99),
        (values, share) => {
          const histogram = new Histogram();
          for (const value of values) histogram.observe(value);
          const { p50Ms, p99Ms } = histogram.report(histogram.counts);
          const exact = values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] as number;
          const bucket = BUCKET_BOUNDS_MS.findIndex((bound) => exact <= bound);
          const found = (share === 0.5 ? p50Ms : p99Ms) as number;
          expect(found).toBeGreaterThanOrEqual(Math.min(exact, BUCKET_BOUNDS_MS[bucket - 1] ?? 0));
          expect(found).toBeLessThanOrEqual(BUCKET_BOUNDS_MS[bucket] as number);
        },
      ),
    );
  });

  it('has no percentiles of nothing', () => {
    const histogram = new Histogram();
    histogram.observe(5);
    expect(histogram.report(histogram.counts.map(() => 0))).toMatchObject({ p50Ms: undefined, p99Ms: undefined });
  });
});
