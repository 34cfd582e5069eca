import { describe, expect, it } from 'vitest';
import { ascendingTimestamps, boundedOutOfOrderness, customWatermarks } from '../../src/index.ts';

describe('watermark strategies', () => {
  it('R27: the watermark is the highest timestamp - bound - 1 and never goes back', () => {
    const generator = boundedOutOfOrderness('5s', (t: number) => t).createGenerator();
    expect([10_000, 9_000, 12_000].map((t) => generator.onEvent(t, t))).toEqual([4_999, 4_999, 6_999]);
  });

  it('R27: ascending is a bound of 0', () => {
    const generator = ascendingTimestamps((t: number) => t).createGenerator();
    expect(generator.onEvent(10, 10)).toBe(9);
  });

  it('goes on from its snapshot', () => {
    const strategy = boundedOutOfOrderness(1, (t: number) => t);
    const first = strategy.createGenerator();
    first.onEvent(100, 100);
    const second = strategy.createGenerator();
    second.restore(first.snapshot());
    expect(second.onEvent(50, 50)).toBe(98);
  });

  it('takes generators of the program', () => {
    const strategy = customWatermarks(
      (t: number) => t,
      () => ({ onEvent: (_v, t) => t, snapshot: () => 0, restore() {} }),
    );
    expect(strategy.createGenerator().onEvent(5, 5)).toBe(5);
  });

  it('emits per record and is idle after 5 s by default', () => {
    expect(boundedOutOfOrderness('5s', (t: number) => t)).toMatchObject({ emit: 'record', idleAfterMs: 5000 });
    expect(
      boundedOutOfOrderness('5s', (t: number) => t, { emit: { every: '200ms' }, idleAfter: 'never' }),
    ).toMatchObject({
      emit: { everyMs: 200 },
      idleAfterMs: Infinity,
    });
  });

  it('refuses a negative bound and a timestamp that is no function', () => {
    expect(() => boundedOutOfOrderness('-1s', (t: number) => t)).toThrow('at least 0 ms');
    expect(() => boundedOutOfOrderness('1s', 'time' as never)).toThrow('a function');
  });
});
