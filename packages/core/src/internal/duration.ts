import { optionError } from '../errors/index.ts';

/**
 * A length of time: milliseconds as a number, or a whole or decimal number with a unit. Checked at compile time.
 *
 * @example
 * const a: Duration = 1500;   // ms
 * const b: Duration = '1.5s'; // also 'ms' 's' 'm' 'h' 'd'
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(-?\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/**
 * Milliseconds of a duration.
 *
 * @param name what the duration is for; named in the error
 * @returns a safe integer of milliseconds
 * @throws {MillraceError} `OPTION_INVALID` if it is not a number or `<number><ms|s|m|h|d>`, or not a whole number of ms
 */
export function durationMs(duration: Duration, name: string): number {
  if (typeof duration === 'number') {
    if (!Number.isSafeInteger(duration))
      throw optionError(name, duration, "a whole number of milliseconds, or text such as '5s'");
    return duration;
  }
  const match = typeof duration === 'string' ? PATTERN.exec(duration) : null;
  if (match === null) throw optionError(name, duration, "milliseconds or text such as '250ms', '5s', '5m', '1h', '7d'");
  const ms = Number(match[1]) * (UNITS_MS[match[2] as string] as number);
  if (!Number.isSafeInteger(ms)) throw optionError(name, duration, 'a whole number of milliseconds');
  return ms;
}

/** `durationMs` for lengths that must be above zero, such as a window's size. */
export function positiveDurationMs(duration: Duration, name: string): number {
  const ms = durationMs(duration, name);
  if (ms <= 0) throw optionError(name, duration, 'longer than 0 ms');
  return ms;
}

/** `durationMs` for lengths that may be zero but not negative, such as allowed lateness. */
export function nonNegativeDurationMs(duration: Duration, name: string): number {
  const ms = durationMs(duration, name);
  if (ms < 0) throw optionError(name, duration, 'at least 0 ms');
  return ms;
}

/** Shortest exact spelling of a number of milliseconds: 300000 is `5m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    const size = UNITS_MS[unit] as number;
    if (ms !== 0 && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
