import { MillraceError, optionError } from '../errors/index.ts';
import type { Aggregate } from '../model/index.ts';
import { addExact, checkedInteger, EXACT_CELLS, exactBigInt, exactNumber, mergeExact } from './exact-integer.ts';
import { checkSelector } from './number-of.ts';
import { numericAggregate } from './numeric-aggregate.ts';

/** Options of {@link decimalAvg}. */
export interface DecimalAvgOptions {
  /**
   * Digits that the mean has behind those of its input: for amounts in cents, 4 gives a mean scaled by 10^6.
   * 0 to 15, default 0: the mean has the scale of its input.
   */
  readonly extraDigits?: number;
}

const MAX_EXTRA_DIGITS = 15;
const COUNT = EXACT_CELLS;

/**
 * Mean of decimals, computed exactly from scaled integers and then rounded once, half away from zero.
 *
 * @param select the scaled integer of a record (number or bigint)
 * @returns a scaled integer; 0 for no records
 * @throws {MillraceError} `OPTION_INVALID` for other `extraDigits`; at run time `USER_FUNCTION` if the selector gives a
 *   fraction or the mean leaves the safe integers
 * @example
 * .aggregate({ average: decimalAvg((order) => order.amount) })                      // cents
 * .aggregate({ average: decimalAvg((order) => order.amount, { extraDigits: 4 }) })  // millionths: 12.345678 is 12345678
 */
export function decimalAvg<T>(
  select: (value: T) => number | bigint,
  options: DecimalAvgOptions = {},
): Aggregate<T, Float64Array, number> {
  const extra = options.extraDigits ?? 0;
  if (!Number.isInteger(extra) || extra < 0 || extra > MAX_EXTRA_DIGITS) {
    throw optionError('extraDigits of decimalAvg()', extra, `a whole number from 0 to ${MAX_EXTRA_DIGITS}`);
  }
  checkSelector('decimalAvg()', select);
  const scale = 10 ** extra;
  return numericAggregate<T, number, number | bigint>({
    initial: Array.from({ length: EXACT_CELLS + 1 }, () => 0),
    take: (value) => checkedInteger(select(value), 'decimalAvg()'),
    put(cells, at, integer) {
      addExact(cells, at, integer);
      cells[at + COUNT] = (cells[at + COUNT] as number) + 1;
    },
    merge(cells, at, other, otherAt) {
      mergeExact(cells, at, other, otherAt);
      cells[at + COUNT] = (cells[at + COUNT] as number) + (other[otherAt + COUNT] as number);
    },
    result(cells, at) {
      const count = cells[at + COUNT] as number;
      if (count === 0) return 0;
      const sum = exactNumber(cells, at);
      const scaled = sum === undefined ? NaN : sum * scale;
      if (Number.isSafeInteger(scaled)) return roundedQuotient(scaled, count);
      return roundedBigQuotient(exactBigInt(cells, at) * BigInt(scale), BigInt(count));
    },
  });
}

/** `dividend / divisor`, half away from zero; both safe integers, divisor > 0. Remainders of doubles are exact. */
function roundedQuotient(dividend: number, divisor: number): number {
  const remainder = dividend % divisor;
  const quotient = (dividend - remainder) / divisor;
  if (2 * Math.abs(remainder) < divisor) return quotient + 0;
  return dividend < 0 ? quotient - 1 : quotient + 1;
}

function roundedBigQuotient(dividend: bigint, divisor: bigint): number {
  const remainder = dividend % divisor;
  let quotient = dividend / divisor;
  if (2n * (remainder < 0n ? -remainder : remainder) >= divisor) quotient += dividend < 0n ? -1n : 1n;
  const number = Number(quotient);
  if (Number.isSafeInteger(number)) return number;
  throw new MillraceError('USER_FUNCTION', {
    message: `decimalAvg() is ${quotient}, which a number cannot hold exactly. Ask for fewer extraDigits.`,
  });
}
