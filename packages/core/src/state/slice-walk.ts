/** What a walk needs to know of the rows it goes over. */
export interface WalkedRows {
  readonly size: number;
  /** The first row from `row` on, below `end`, that was changed in the epoch before the cut and not written since; `end` if none. */
  nextChanged(row: number, end: number): number;
  /** Whether the row was changed in the epoch that began with the cut. */
  changedSinceCut(row: number): boolean;
  /** Whether the row bears a mark of any epoch. */
  isMarked(row: number): boolean;
  /** Takes the mark away. */
  clean(row: number): void;
}

/**
 * The rows of one slice as they were at a cut, being written in their order. A row that is about to change is written before
 * (`beforeChange`); the walk then passes it over, because it bears the mark of the new epoch.
 */
export class SliceWalk {
  private readonly slice: WalkedRows;
  private readonly write: (row: number) => void;
  /** Whether all rows are written, not only those that were changed. */
  private readonly full: boolean;
  private readonly end: number;
  private at = 0;

  constructor(slice: WalkedRows, full: boolean, write: (row: number) => void) {
    this.slice = slice;
    this.write = write;
    this.full = full;
    this.end = slice.size;
  }

  /** Writes up to `rowsMax` rows. Returns how many; less than `rowsMax` at the end. */
  step(rowsMax: number): number {
    const { slice, write, full, end } = this;
    for (let written = 0; written < rowsMax; written++) {
      if (!full) this.at = slice.nextChanged(this.at, end);
      if (this.at >= end) return written;
      const row = this.at++;
      if (full && slice.changedSinceCut(row)) continue;
      write(row);
      slice.clean(row);
    }
    return rowsMax;
  }

  /** To be called before `row` changes for the first time since the cut. */
  beforeChange(row: number): void {
    // Rows of a delta bear the mark of the epoch before until they are written.
    const waits = this.full ? row >= this.at && row < this.end : this.slice.isMarked(row);
    if (waits) this.write(row);
  }
}
