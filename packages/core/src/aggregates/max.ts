import type { Aggregate } from '../model/index.ts';
import { checkSelector, notANumber } from './number-of.ts';
import { numericAggregate } from './numeric-aggregate.ts';

/**
 * Largest number. `-Infinity` for no records; NaN values are passed over.
 *
 * @example
 * .aggregate({ hottest: max((reading) => reading.celsius) })
 */
export function max<T>(select: (value: T) => number): Aggregate<T, Float64Array, number> {
  checkSelector('max()', select);
  return numericAggregate<T, number, number>({
    initial: [-Infinity],
    take(value) {
      const number = select(value);
      if (typeof number !== 'number') throw notANumber('max()', 'a number', number);
      return number;
    },
    put(cells, at, number) {
      if (number > (cells[at] as number)) cells[at] = number;
    },
    merge(cells, at, other, otherAt) {
      if ((other[otherAt] as number) > (cells[at] as number)) cells[at] = other[otherAt] as number;
    },
    result: (cells, at) => cells[at] as number,
  });
}
