import { describe, expect, it } from 'vitest';
import {
  durationMs,
  formatDuration,
  nonNegativeDurationMs,
  positiveDurationMs,
  type Duration,
} from '../../src/internal/duration.ts';

describe('durationMs', () => {
  it('reads every unit, fractions that are whole milliseconds, and plain numbers', () => {
    const cases: [Duration, number][] = [
      ['250ms', 250],
      ['5s', 5000],
      ['1.5s', 1500],
      ['5m', 300_000],
      ['1h', 3_600_000],
      ['7d', 604_800_000],
      ['-8h', -28_800_000],
      [42, 42],
    ];
    for (const [text, ms] of cases) expect(durationMs(text, 'x')).toBe(ms);
  });

  it.each([['5'], ['s'], ['5 s'], ['5sec'], ['1e3ms'], [''], ['0.5ms'], [1.5], [Number.NaN], [null], [{}]])(
    'refuses %j and names the option',
    (wrong) => {
      expect(() => durationMs(wrong as Duration, 'size of tumbling()')).toThrow(/^size of tumbling\(\) is /);
    },
  );

  it('refuses zero where a length must be above it, negative ones where it must not be', () => {
    expect(() => positiveDurationMs('0s', 'size')).toThrow('longer than 0 ms');
    expect(() => nonNegativeDurationMs(-1, 'lateness')).toThrow('at least 0 ms');
    expect(nonNegativeDurationMs(0, 'lateness')).toBe(0);
  });

  it('formats the shortest exact spelling', () => {
    expect([0, 250, 1500, 300_000, 3_600_000, 86_400_000].map(formatDuration)).toEqual([
      '0ms',
      '250ms',
      '1500ms',
      '5m',
      '1h',
      '1d',
    ]);
  });
});
