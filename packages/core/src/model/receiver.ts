/**
 * The inside of the dataflow: one record is pushed by a plain method call from operator to operator.
 *
 * `timestampMs` is the record's event time in epoch milliseconds, `NaN` for a record without one, `+Infinity` for
 * results of windows that never end. A receiver must not keep or change `value` after the call unless it owns it:
 * records are shared between all branches of a graph.
 */
export interface Receiver<in T> {
  process(value: T, timestampMs: number): void;
}
