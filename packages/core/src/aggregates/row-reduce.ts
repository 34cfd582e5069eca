import type { Slice, SliceLayout } from '../model/index.ts';
import type { RowFunction } from './row-function.ts';

/** `reduce(fn)` on one row: a numeric cell counts the values, so that any value, also `undefined`, can be the first. */
export class RowReduce<T> implements RowFunction<T, T> {
  readonly layout: SliceLayout = Object.freeze({ numbers: [0], objects: [() => undefined] });
  private readonly reduce: (a: T, b: T) => T;

  constructor(reduce: (a: T, b: T) => T) {
    this.reduce = reduce;
  }

  add(slice: Slice<unknown>, key: unknown, value: T): number {
    const row = slice.upsert(key);
    const counts = slice.numbersOf(row);
    const at = slice.numbersAt(row);
    const cells = slice.objectsOf(row);
    const cell = slice.objectsAt(row);
    // The cell holds a T from the first value on: only this class writes it.
    cells[cell] = counts[at] === 0 ? value : this.reduce(cells[cell] as T, value);
    counts[at] = (counts[at] as number) + 1;
    return row;
  }

  merge(slice: Slice<unknown>, row: number, from: Slice<unknown>, fromRow: number): void {
    const counts = slice.numbersOf(row);
    const at = slice.numbersAt(row);
    const added = from.numbersOf(fromRow)[from.numbersAt(fromRow)] as number;
    if (added === 0) return;
    const cells = slice.objectsOf(row);
    const cell = slice.objectsAt(row);
    // As above. `reduce` must not change what it is given, so nothing needs to be copied.
    const other = from.objectsOf(fromRow)[from.objectsAt(fromRow)] as T;
    cells[cell] = counts[at] === 0 ? other : this.reduce(cells[cell] as T, other);
    counts[at] = (counts[at] as number) + added;
  }

  result(slice: Slice<unknown>, row: number): T {
    return slice.objectsOf(row)[slice.objectsAt(row)] as T;
  }
}
