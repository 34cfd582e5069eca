import { UsageError } from './usage-error.ts';

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest window: beyond that a start could leave the range of dates. */
const WINDOW_MS_MAX = 36_500 * 86_400_000;

/** Milliseconds of a flag such as `--window`: a number and a unit, such as `5m`, `90s`, `1.5h`. */
export function windowMs(text: string, flag: string = '--window'): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const ms = match === null ? NaN : Number(match[1]) * (UNITS_MS[match[2] ?? ''] ?? NaN);
  if (Number.isInteger(ms) && ms > 0 && ms <= WINDOW_MS_MAX) return ms;
  throw new UsageError(
    `${flag} is ${JSON.stringify(text)}, but must be a length of time such as 30s, 5m or 1h (whole milliseconds)`,
  );
}
