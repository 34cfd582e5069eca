/** Longest piece of input that is shown on a terminal, in characters. */
const SHOWN_MAX = 160;

/** Text of unknown origin for a terminal: one line, nothing that moves the cursor or hides. */
export function printable(text: string): string {
  const visible = text.replace(
    /[\p{C}\u2028\u2029]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return visible.length <= SHOWN_MAX ? visible : `${visible.slice(0, SHOWN_MAX)}…`;
}

/** `1,234,567`. */
export function grouped(value: number | bigint): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `2026-01-05T08:00:00Z`, with milliseconds where there are any; also of times that no calendar has. */
export function isoTime(timeMs: number): string {
  if (!Number.isFinite(timeMs) || Math.abs(timeMs) > 8.64e15) return String(timeMs);
  return new Date(timeMs).toISOString().replace('.000Z', 'Z');
}

/** A whole number of cents as money: `-1,234.50`. */
export function money(cents: bigint): string {
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${grouped(BigInt(digits.slice(0, -2)))}.${digits.slice(-2)}`;
}

/** Milliseconds as people say them: `5m`, `1.5s`. */
export function lengthOfTime(ms: number): string {
  if (ms < 1_000) return `${ms}ms`;
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000}h`;
  return ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1_000}s`;
}
