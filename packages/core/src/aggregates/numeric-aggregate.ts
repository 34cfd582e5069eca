import type { Aggregate, NumericFields } from '../model/index.ts';

/** An aggregate whose accumulator is a few numbers, from its definition on cells. */
export function numericAggregate<T, R>(fields: NumericFields<T, R>): Aggregate<T, Float64Array, R> {
  return Object.freeze({
    create: () => Float64Array.from(fields.initial),
    add(accumulator: Float64Array, value: T): Float64Array {
      fields.add(accumulator, 0, value);
      return accumulator;
    },
    merge(a: Float64Array, b: Float64Array): Float64Array {
      fields.merge(a, 0, b, 0);
      return a;
    },
    result: (accumulator: Float64Array): R => fields.result(accumulator, 0),
    fields: Object.freeze(fields),
  });
}
