import { optionError } from '../errors/index.ts';

/**
 * The shortest exact decimal text of `unscaled / 10^scale`, which is also a JSON number: no exponent, no trailing zeros,
 * no `-0`.
 *
 * @param unscaled an integer: the value in units of `10^-scale`, such as cents
 * @param scale digits behind the point, 0 or more
 * @throws {MillraceError} `OPTION_INVALID` if `unscaled` is not an integer or `scale` not a whole number of at least 0
 *
 * @example
 * formatDecimal(1230, 2);  // '12.3'
 * formatDecimal(-5, 2);    // '-0.05'
 * formatDecimal(1200n, 2); // '12'
 */
export function formatDecimal(unscaled: number | bigint, scale: number): string {
  if (typeof unscaled !== 'bigint' && !Number.isInteger(unscaled))
    throw optionError('unscaled', unscaled, 'an integer');
  if (!Number.isSafeInteger(scale) || scale < 0) throw optionError('scale', scale, 'a whole number of at least 0');
  const negative = unscaled < 0;
  // Numbers from 1e21 on print with an exponent; as a bigint they do not.
  const whole = typeof unscaled === 'number' && Math.abs(unscaled) >= 1e21 ? BigInt(unscaled) : unscaled;
  const digits = negative ? String(whole).slice(1) : String(whole);
  if (scale === 0) return negative ? `-${digits}` : digits;
  const padded = digits.padStart(scale + 1, '0');
  const point = padded.length - scale;
  let end = padded.length;
  while (end > point && padded.charCodeAt(end - 1) === 48) end--;
  const text = end === point ? padded.slice(0, point) : `${padded.slice(0, point)}.${padded.slice(point, end)}`;
  return negative ? `-${text}` : text;
}
