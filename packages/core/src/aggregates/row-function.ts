import type { Slice, SliceLayout } from '../model/index.ts';

/** What a window does with a record: works on the row of its key in a slice. */
export interface RowFunction<in T = unknown, out V = unknown> {
  /** The cells of a row. */
  readonly layout: SliceLayout;
  add(slice: Slice<unknown>, row: number, value: T): void;
  /** The value of the row; never a part of the state itself. */
  result(slice: Slice<unknown>, row: number): V;
}
