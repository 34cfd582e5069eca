import type { Aggregate, NumericFields } from '../model/index.ts';

/**
 * An aggregate whose accumulator is a few numbers, from its definition on cells. The order of adding makes no difference
 * to any of them; for doubles but for rounding.
 */
export function numericAggregate<T, R, V>(fields: NumericFields<T, R, V>): Aggregate<T, Float64Array, R> {
  return Object.freeze({
    create: () => Float64Array.from(fields.initial),
    add(accumulator: Float64Array, value: T): Float64Array {
      fields.put(accumulator, 0, fields.take(value));
      return accumulator;
    },
    merge(a: Float64Array, b: Float64Array): Float64Array {
      fields.merge(a, 0, b, 0);
      return a;
    },
    orderInsensitive: true,
    result: (accumulator: Float64Array): R => fields.result(accumulator, 0),
    // What `take` gives only ever goes to `put` of the same object.
    fields: Object.freeze(fields) as NumericFields<T, R>,
  });
}
