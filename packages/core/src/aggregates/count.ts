import type { Aggregate } from '../model/index.ts';
import { numericAggregate } from './numeric-aggregate.ts';

/**
 * Number of records. 0 for none.
 *
 * @example
 * .aggregate({ orders: count() })
 */
export function count(): Aggregate<unknown, Float64Array, number> {
  return numericAggregate<unknown, number, undefined>({
    initial: [0],
    take: () => undefined,
    put(cells, at) {
      cells[at] = (cells[at] as number) + 1;
    },
    merge(cells, at, other, otherAt) {
      cells[at] = (cells[at] as number) + (other[otherAt] as number);
    },
    result: (cells, at) => cells[at] as number,
  });
}
