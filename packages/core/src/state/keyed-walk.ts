import type { ChunkedList } from '../internal/chunked-list.ts';
import { CLEAN } from './epochs.ts';

/** A key and what is kept for it. */
export class Cell<K, V> {
  readonly key: K;
  value: V;
  /** Whether it is still in the store. */
  alive = true;
  /** Epoch of the last change; `CLEAN`: none since it was written. */
  mark: number;
  /** Number of the last full walk that wrote it or passed it over. */
  walked: number;
  /** Whether a checkpoint holds the key, so that its end must be written, too. */
  kept = false;

  constructor(key: K, value: V, mark: number, walked: number) {
    this.key = key;
    this.value = value;
    this.mark = mark;
    this.walked = walked;
  }
}

/** Writes a cell: what is kept for its key, or that nothing is any more. */
export type WriteCell<K, V> = (cell: Cell<K, V>) => void;

/** The cells of a store as they were at a cut, being written; what is about to change is written before. */
export interface KeyedWalk<K, V> {
  /** Looks at up to `max` cells. Returns at how many; less than `max` at the end. */
  step(max: number): number;
  /** To be called before a cell changes, or goes, for the first time since the cut. */
  beforeChange(cell: Cell<K, V>): void;
}

/** All cells of the store. New ones, which come at the end of the map, bear the number of the walk and are passed over. */
export class FullWalk<K, V> implements KeyedWalk<K, V> {
  private readonly cells: IterableIterator<Cell<K, V>>;
  private readonly number: number;
  private readonly write: WriteCell<K, V>;

  constructor(cells: IterableIterator<Cell<K, V>>, number: number, write: WriteCell<K, V>) {
    this.cells = cells;
    this.number = number;
    this.write = write;
  }

  step(max: number): number {
    for (let looked = 0; looked < max; looked++) {
      const next = this.cells.next();
      if (next.done === true) return looked;
      const cell = next.value;
      if (cell.walked === this.number) continue;
      this.take(cell);
      cell.mark = CLEAN;
    }
    return max;
  }

  beforeChange(cell: Cell<K, V>): void {
    if (cell.walked !== this.number) this.take(cell);
  }

  private take(cell: Cell<K, V>): void {
    cell.walked = this.number;
    this.write(cell);
  }
}

/** The cells that had changed. They bear the mark of that epoch until they are written. */
export class DeltaWalk<K, V> implements KeyedWalk<K, V> {
  private readonly changed: ChunkedList<Cell<K, V>>;
  private readonly mark: number;
  private readonly write: WriteCell<K, V>;
  private at = 0;

  /** @param mark of the epoch that ended with the cut */
  constructor(changed: ChunkedList<Cell<K, V>>, mark: number, write: WriteCell<K, V>) {
    this.changed = changed;
    this.mark = mark;
    this.write = write;
  }

  step(max: number): number {
    const from = this.at;
    const to = Math.min(this.changed.length, from + max);
    while (this.at < to) {
      const cell = this.changed.at(this.at++);
      if (cell.mark !== this.mark) continue;
      cell.mark = CLEAN;
      this.write(cell);
    }
    return this.at - from;
  }

  beforeChange(cell: Cell<K, V>): void {
    if (cell.mark === this.mark) this.write(cell);
  }
}

/** Part of a store from which on a delta goes over all cells in their order: memory is then read in its order, too. */
export const DENSE = 1 / 8;

/** The same as a `DeltaWalk`, for a store of which much has changed: goes over all cells, then over those that went. */
export class DenseWalk<K, V> implements KeyedWalk<K, V> {
  private readonly cells: IterableIterator<Cell<K, V>>;
  private readonly gone: DeltaWalk<K, V>;
  private readonly mark: number;
  private readonly write: WriteCell<K, V>;
  private cellsDone = false;

  constructor(
    cells: IterableIterator<Cell<K, V>>,
    gone: ChunkedList<Cell<K, V>>,
    mark: number,
    write: WriteCell<K, V>,
  ) {
    this.cells = cells;
    this.gone = new DeltaWalk(gone, mark, write);
    this.mark = mark;
    this.write = write;
  }

  step(max: number): number {
    for (let looked = 0; !this.cellsDone; looked++) {
      if (looked === max) return max;
      const next = this.cells.next();
      if (next.done === true) this.cellsDone = true;
      else if (next.value.mark === this.mark) {
        next.value.mark = CLEAN;
        this.write(next.value);
      }
    }
    return this.gone.step(max);
  }

  beforeChange(cell: Cell<K, V>): void {
    if (cell.mark === this.mark) this.write(cell);
  }
}
