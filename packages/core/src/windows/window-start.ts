/**
 * Start of the aligned window that holds `timestampMs` (R2); correct for timestamps before the epoch, because `%` keeps
 * the sign of the dividend.
 */
export function windowStart(timestampMs: number, offsetMs: number, sizeMs: number): number {
  const remainder = (timestampMs - offsetMs) % sizeMs;
  return remainder < 0 ? timestampMs - (remainder + sizeMs) : timestampMs - remainder;
}
