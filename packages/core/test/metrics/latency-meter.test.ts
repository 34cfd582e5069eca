import { describe, expect, it } from 'vitest';
import { LatencyMeter } from '../../src/metrics/latency-meter.ts';

const never = (): number => {
  throw new Error('the clock is not read');
};

describe('LatencyMeter', () => {
  it('measures at once where there are no checkpoints', () => {
    const meter = new LatencyMeter(false);
    meter.note(1_000, () => 1_040);
    expect(meter.histogram.report([])).toMatchObject({ count: 1, sumMs: 40 });
  });

  it('measures with the commit that covers a record, and no other', () => {
    const meter = new LatencyMeter(true);
    meter.note(1_000, never);
    meter.seal();
    meter.note(2_000, never);
    meter.committed(3_000);
    expect(meter.histogram.report([])).toMatchObject({ count: 1, sumMs: 2_000 });
    expect(meter.oldest).toBe(2_000);
    meter.seal();
    meter.committed(4_500);
    expect(meter.histogram.report([])).toMatchObject({ count: 2, sumMs: 4_500 });
    expect(meter.oldest).toBeUndefined();
  });

  it('forgets what is read again after a failure', () => {
    const meter = new LatencyMeter(true);
    meter.note(1_000, never);
    meter.seal();
    meter.note(2_000, never);
    meter.drop();
    meter.seal();
    meter.committed(9_000);
    expect(meter.histogram.report([]).count).toBe(0);
  });

  it('follows a bounded number of records over any number of batches, old ones and new ones alike', () => {
    const meter = new LatencyMeter(true);
    for (let i = 1; i <= 1_000_000; i++) meter.note(i, never);
    meter.seal();
    meter.committed(1_000_000);
    const { count, sumMs } = meter.histogram.report([]);
    expect(count).toBeLessThanOrEqual(1_024);
    expect(count).toBeGreaterThan(256);
    expect(sumMs / count / 500_000).toBeCloseTo(1, 1);
  });
});
