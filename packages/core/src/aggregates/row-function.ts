import type { Slice, SliceLayout } from '../model/index.ts';

/** A deep copy of an accumulator. */
export type CopyAccumulator = (accumulator: unknown) => unknown;

/** What a window does with a record: works on the row of its key in a slice. */
export interface RowFunction<in T = unknown, out V = unknown> {
  /** The cells of a row. */
  readonly layout: SliceLayout;
  /** Adds a value to the row of `key`, made if it is new; returns the row. If it throws nothing has changed. */
  add(slice: Slice<unknown>, key: unknown, value: T): number;
  /**
   * Merges a row of another slice into `row`. A merge of the program's own may use up the accumulators it is given: with
   * `copy` those of `from` are copied first and stay as they are; without, `fromRow` must not be used again.
   */
  merge(slice: Slice<unknown>, row: number, from: Slice<unknown>, fromRow: number, copy?: CopyAccumulator): void;
  /** The value of the row; never a part of the state itself. */
  result(slice: Slice<unknown>, row: number): V;
}
