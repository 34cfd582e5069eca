import { MillraceError } from '../errors/index.ts';
import type { Aggregate } from '../model/index.ts';
import { addExact, checkedInteger, EXACT_CELLS, exactBigInt, exactNumber, mergeExact } from './exact-integer.ts';
import { checkSelector } from './number-of.ts';
import { numericAggregate } from './numeric-aggregate.ts';

/** Asks for results without limit of size. */
export interface WideDecimal {
  readonly wide: true;
}

/**
 * Exact sum of decimals. A `decimal(p, s)` field is an integer scaled by 10^s (cents for s = 2), and so is the sum:
 * never 0.30000000000000004. A sink with a schema writes it with its decimal point.
 *
 * @param select the scaled integer of a record; bigints (`decimal(p > 15, s)`) need `{ wide: true }`
 * @param options `{ wide: true }`: the result is a bigint; by default it is a number. Bigints are written as text by a
 *   `decimal(p > 15, s)` schema, because `JSON.parse` would round them as numbers; `formatDecimal` gives the digits
 * @throws {MillraceError} at run time: `USER_FUNCTION` if the selector gives a fraction, or if a sum leaves the safe
 *   integers and `wide` was not asked for
 * @example
 * .aggregate({ revenue: decimalSum((order) => order.amount) })                     // number of cents
 * .aggregate({ revenue: decimalSum((order) => order.amount, { wide: true }) })     // bigint of cents
 */
export function decimalSum<T>(select: (value: T) => number): Aggregate<T, Float64Array, number>;
export function decimalSum<T>(
  select: (value: T) => number | bigint,
  options: WideDecimal,
): Aggregate<T, Float64Array, bigint>;
export function decimalSum<T>(
  select: (value: T) => number | bigint,
  options?: WideDecimal,
): Aggregate<T, Float64Array, number> | Aggregate<T, Float64Array, bigint> {
  checkSelector('decimalSum()', select);
  const cellsOf = {
    initial: Array.from({ length: EXACT_CELLS }, () => 0),
    take: (value: T): number | bigint => checkedInteger(select(value), 'decimalSum()'),
    put: addExact,
    merge: mergeExact,
  };
  if (options?.wide === true) return numericAggregate<T, bigint, number | bigint>({ ...cellsOf, result: exactBigInt });
  return numericAggregate<T, number, number | bigint>({
    ...cellsOf,
    result: (cells, at) => exactNumber(cells, at) ?? tooLarge(cells, at),
  });
}

function tooLarge(cells: Float64Array, at: number): never {
  throw new MillraceError('USER_FUNCTION', {
    message:
      `decimalSum() is ${exactBigInt(cells, at)}, which a number cannot hold exactly. ` +
      'Use decimalSum(select, { wide: true }), whose result is a bigint.',
  });
}
