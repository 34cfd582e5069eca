/** What a walk needs to know of the rows it goes over. */
export interface WalkedRows {
  readonly size: number;
  /** Whether the row was changed in the epoch that began with the cut. */
  changedSinceCut(row: number): boolean;
  /** Whether the row bears a mark of any epoch. */
  isMarked(row: number): boolean;
  /** Takes the mark away. */
  clean(row: number): void;
}

/**
 * The rows of one slice as they were at a cut, being written. A row that is about to change is written before
 * (`beforeChange`); the walk then passes it over, because it bears the mark of the new epoch.
 */
export class SliceWalk {
  private readonly slice: WalkedRows;
  private readonly write: (row: number) => void;
  /** Rows of a delta; `undefined`: all rows below `end`. */
  private readonly rows: readonly number[] | undefined;
  private readonly end: number;
  private at = 0;

  constructor(slice: WalkedRows, rows: readonly number[] | undefined, write: (row: number) => void) {
    this.slice = slice;
    this.write = write;
    this.rows = rows;
    this.end = rows === undefined ? slice.size : rows.length;
  }

  /** Writes up to `rowsMax` rows. Returns how many it looked at; less than `rowsMax` at the end. */
  step(rowsMax: number): number {
    const { slice, rows, write } = this;
    const from = this.at;
    const to = Math.min(this.end, from + rowsMax);
    while (this.at < to) {
      const row = rows === undefined ? this.at : (rows[this.at] as number);
      this.at++;
      if (slice.changedSinceCut(row)) continue;
      write(row);
      slice.clean(row);
    }
    return this.at - from;
  }

  /** To be called before `row` changes for the first time since the cut. */
  beforeChange(row: number): void {
    // Rows of a delta bear the mark of the epoch before until they are written.
    const waits = this.rows === undefined ? row >= this.at && row < this.end : this.slice.isMarked(row);
    if (waits) this.write(row);
  }
}
