import type { Aggregate } from '../model/index.ts';
import { checkSelector, notANumber } from './number-of.ts';
import { numericAggregate } from './numeric-aggregate.ts';

/**
 * Sum as IEEE 754 doubles, in the order of arrival: fast, and inexact for fractions. For money use `decimalSum`.
 *
 * @param select the number of a record; NaN makes the sum NaN
 * @example
 * .aggregate({ bytes: sum((request) => request.bytes) })
 */
export function sum<T>(select: (value: T) => number): Aggregate<T, Float64Array, number> {
  checkSelector('sum()', select);
  return numericAggregate<T, number, number>({
    initial: [0],
    take(value) {
      const number = select(value);
      if (typeof number !== 'number') throw notANumber('sum()', 'a number', number);
      return number;
    },
    put(cells, at, number) {
      cells[at] = (cells[at] as number) + number;
    },
    merge(cells, at, other, otherAt) {
      cells[at] = (cells[at] as number) + (other[otherAt] as number);
    },
    result: (cells, at) => cells[at] as number,
  });
}
