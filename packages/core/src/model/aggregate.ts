/**
 * How many values become one. All aggregates of one `aggregate({...})` call share one row of state per key and window.
 *
 * Laws, for all accumulators and values: `merge` is associative; adding values one by one equals merging partial
 * accumulators of them; `result` does not change the accumulator and does not hand out a part of it that later changes.
 *
 * @typeParam T the records that are aggregated
 * @typeParam A the accumulator; it goes into state, so it must be made of what the state codec takes: primitives, arrays
 *   and plain objects
 * @typeParam R the result
 *
 * @example
 * const longest: Aggregate<{ name: string }, string, string> = {
 *   create: () => '',
 *   add: (longest, row) => (row.name.length > longest.length ? row.name : longest),
 *   merge: (a, b) => (b.length > a.length ? b : a),
 *   result: (longest) => longest,
 * };
 */
export interface Aggregate<in T, A, out R> {
  /** A new, empty accumulator. */
  create(): A;
  /** The accumulator with one more value: may change and return `accumulator`, or return a new one. */
  add(accumulator: A, value: T): A;
  /** Both in one: may change and return `a`; `b` is not used again. */
  merge(a: A, b: A): A;
  /** What the window emits. */
  result(accumulator: A): R;
  /**
   * Whether the order of adding and merging makes no difference to the result (doubles: but for rounding). Sliding
   * windows then keep one accumulator per slide instead of one per window. Default: it may make one.
   */
  readonly orderInsensitive?: boolean;
  /** Set by built-in aggregates whose accumulator is a few numbers: they live in a numeric row instead of an object. */
  readonly fields?: NumericFields<T, R>;
}

/**
 * The same aggregate on numbers in place: `cells[at .. at + initial.length)` is the accumulator. No object per key, no
 * garbage, and a snapshot is a copy of an array.
 */
export interface NumericFields<in T, out R, V = unknown> {
  /** Values of an empty accumulator, one per cell. */
  readonly initial: readonly number[];
  /**
   * What `put` needs of a record. Runs the program's selector and checks what it gives; throws before any cell changes,
   * so that a record either enters all aggregates of its row or none.
   */
  take(value: T): V;
  /** Adds what `take` gave. Must not throw. */
  put(cells: Float64Array, at: number, taken: V): void;
  merge(cells: Float64Array, at: number, other: Float64Array, otherAt: number): void;
  result(cells: Float64Array, at: number): R;
}

// `any` stands for "some accumulator": the variance of A forbids `unknown` here, and nobody outside reads it.
/** Named aggregates, as `aggregate({ orders: count(), revenue: sum((o) => o.amount) })` takes them. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AggregateSpec<T> = Readonly<Record<string, Aggregate<T, any, any>>>;

/** The results of a spec, by the same names. */
export type AggregateResults<S> = {
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly [K in keyof S]: S[K] extends Aggregate<any, any, infer R> ? R : never;
};
