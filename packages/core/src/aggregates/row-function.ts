import type { Slice, SliceLayout } from '../model/index.ts';

/** What a window does with a record: works on the row of its key in a slice. */
export interface RowFunction<in T = unknown, out V = unknown> {
  /** The cells of a row. */
  readonly layout: SliceLayout;
  /** Adds a value to the row of `key`, made if it is new; returns the row. If it throws nothing has changed. */
  add(slice: Slice<unknown>, key: unknown, value: T): number;
  /** The value of the row; never a part of the state itself. */
  result(slice: Slice<unknown>, row: number): V;
}
