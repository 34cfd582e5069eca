import { describe, expect, it } from 'vitest';
import { RateLimiter } from '../../src/runtime/rate-limiter.ts';

const NONE = Infinity;

describe('RateLimiter', () => {
  it('keeps the rate over time, allows no burst over 100 ms and makes nothing up after a pause', () => {
    const limiter = new RateLimiter({ recordsPerSecond: 1000, bytesPerSecond: NONE }, 0);
    expect(limiter.allowance(0)).toBe(0);
    expect(limiter.allowance(50)).toBe(50);
    limiter.spend(50, 0);
    expect(limiter.allowance(60_000)).toBe(100);
    limiter.spend(100, 0);
    let taken = 0;
    for (let now = 60_000; now < 70_000; now += 3) {
      const allowed = limiter.allowance(now);
      limiter.spend(allowed, 0);
      taken += allowed;
    }
    expect(Math.abs(taken - 10_000)).toBeLessThanOrEqual(10);
  });

  it('serves rates below one record per burst', () => {
    const limiter = new RateLimiter({ recordsPerSecond: 2, bytesPerSecond: NONE }, 0);
    expect([limiter.allowance(499), limiter.allowance(500), limiter.waitMs > 0]).toEqual([0, 1, true]);
  });

  it('gives records in batches, not one by one as they come due', () => {
    const limiter = new RateLimiter({ recordsPerSecond: 100_000, bytesPerSecond: NONE }, 0);
    expect([limiter.allowance(0.1), limiter.allowance(0.31)]).toEqual([0, 0]);
    expect(limiter.allowance(0.33)).toBeGreaterThanOrEqual(32);
  });

  it('keeps a limit of bytes, whatever the records take, and lets one through that is larger than the bucket', () => {
    const limiter = new RateLimiter({ recordsPerSecond: NONE, bytesPerSecond: 10_000 }, 0);
    const sizes = [10, 100, 50, 5_000, 1, 700];
    let bytes = 0;
    let records = 0;
    for (let now = 0; now <= 60_000; now += 7) {
      for (let allowed = limiter.allowance(now); allowed > 0; allowed = limiter.allowance(now)) {
        const size = sizes[records % sizes.length] as number;
        const count = Math.min(allowed, 3);
        limiter.spend(count, count * size);
        bytes += count * size;
        records += count;
      }
    }
    expect(bytes).toBeGreaterThan(0.9 * 600_000);
    // What is overdrawn at the end is three of the largest records at most.
    expect(bytes).toBeLessThan(600_000 + 1_000 + 3 * 5_000);
  });

  it('goes by the bytes of the records before, so that small ones are read many at once', () => {
    const limiter = new RateLimiter({ recordsPerSecond: NONE, bytesPerSecond: 10_000 }, 0);
    expect(limiter.allowance(100)).toBe(1);
    limiter.spend(1, 10);
    expect(limiter.allowance(1_000)).toBe(100);
    expect(limiter.burstRecords).toBe(100);
  });

  it('keeps both limits where there are two', () => {
    const limiter = new RateLimiter({ recordsPerSecond: 100, bytesPerSecond: 1_000 }, 0);
    let records = 0;
    for (let now = 0; now < 10_000; now += 10) {
      const allowed = limiter.allowance(now);
      limiter.spend(allowed, allowed * 20);
      records += allowed;
    }
    expect(records).toBeGreaterThan(450);
    expect(records).toBeLessThanOrEqual(510);
  });
});
