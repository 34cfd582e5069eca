import type { Aggregate } from '../model/index.ts';
import { checkSelector, notANumber } from './number-of.ts';
import { numericAggregate } from './numeric-aggregate.ts';

/**
 * Arithmetic mean as IEEE 754 doubles. NaN for no records. For money use `decimalAvg`.
 *
 * @param select the number of a record; NaN makes the mean NaN
 * @example
 * .aggregate({ temperature: avg((reading) => reading.celsius) })
 */
export function avg<T>(select: (value: T) => number): Aggregate<T, Float64Array, number> {
  checkSelector('avg()', select);
  return numericAggregate<T, number, number>({
    initial: [0, 0],
    take(value) {
      const number = select(value);
      if (typeof number !== 'number') throw notANumber('avg()', 'a number', number);
      return number;
    },
    put(cells, at, number) {
      cells[at] = (cells[at] as number) + number;
      cells[at + 1] = (cells[at + 1] as number) + 1;
    },
    merge(cells, at, other, otherAt) {
      cells[at] = (cells[at] as number) + (other[otherAt] as number);
      cells[at + 1] = (cells[at + 1] as number) + (other[otherAt + 1] as number);
    },
    result: (cells, at) => (cells[at] as number) / (cells[at + 1] as number),
  });
}
