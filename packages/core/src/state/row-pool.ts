import type { Slice, SliceLayout, ValueOutput } from '../model/index.ts';

/** Rows of a page; growth moves nothing. */
const PAGE_BITS = 9;
const PAGE_ROWS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_ROWS - 1;

/**
 * Rows of cells that are owned one by one, each by a window of a key, instead of lying together by slice. To aggregates it
 * looks like a slice whose keys are the rows themselves.
 *
 * Only memory, no state of its own: the owners of the rows are written with the cells of their rows (`cellsOf`).
 */
export class RowPool implements Slice<unknown> {
  readonly start = -Infinity;
  readonly end = Infinity;
  records = 0;
  private readonly layout: SliceLayout;
  private readonly numberWidth: number;
  private readonly objectWidth: number;
  private readonly numberPages: Float64Array[] = [];
  private readonly objectPages: unknown[][] = [];
  private readonly free: number[] = [];
  private allocated = 0;

  constructor(layout: SliceLayout) {
    this.layout = layout;
    this.numberWidth = layout.numbers.length;
    this.objectWidth = layout.objects.length;
  }

  /** Rows in use. */
  get size(): number {
    return this.allocated - this.free.length;
  }

  /** A row with the initial values. */
  allocate(): number {
    const row = this.free.pop() ?? this.extend();
    const { numbers, objects } = this.layout;
    if (this.numberWidth > 0) {
      const cells = this.numbersOf(row);
      const at = this.numbersAt(row);
      for (let i = 0; i < this.numberWidth; i++) cells[at + i] = numbers[i] as number;
    }
    if (this.objectWidth > 0) {
      const cells = this.objectsOf(row);
      const at = this.objectsAt(row);
      for (let i = 0; i < this.objectWidth; i++) cells[at + i] = (objects[i] as () => unknown)();
    }
    return row;
  }

  /** Gives a row back. Its owner must not use it again. */
  release(row: number): void {
    if (this.objectWidth > 0) {
      const at = this.objectsAt(row);
      this.objectsOf(row).fill(undefined, at, at + this.objectWidth);
    }
    this.free.push(row);
  }

  /** The row itself: whoever adds to a row of a pool names it instead of a key. */
  upsert(row: unknown): number {
    return row as number;
  }

  find(row: unknown): number {
    return row as number;
  }

  /** Rows are taken back by `release`. */
  removeLast(): void {}

  keyAt(row: number): unknown {
    return row;
  }

  numbersOf(row: number): Float64Array {
    return this.numberPages[row >>> PAGE_BITS] as Float64Array;
  }

  numbersAt(row: number): number {
    return (row & PAGE_MASK) * this.numberWidth;
  }

  objectsOf(row: number): unknown[] {
    return this.objectPages[row >>> PAGE_BITS] as unknown[];
  }

  objectsAt(row: number): number {
    return (row & PAGE_MASK) * this.objectWidth;
  }

  /** All cells of a row: numeric ones first, then object ones. */
  cellsOf(row: number): unknown[] {
    const cells: unknown[] = [];
    const numbersAt = this.numbersAt(row);
    for (let i = 0; i < this.numberWidth; i++) cells.push(this.numbersOf(row)[numbersAt + i]);
    const objectsAt = this.objectsAt(row);
    for (let i = 0; i < this.objectWidth; i++) cells.push(this.objectsOf(row)[objectsAt + i]);
    return cells;
  }

  /** The same, piece by piece. */
  writeCells(row: number, output: ValueOutput): void {
    const { numberWidth, objectWidth } = this;
    output.array(numberWidth + objectWidth);
    if (numberWidth > 0) {
      const numbers = this.numbersOf(row);
      const at = this.numbersAt(row);
      for (let i = 0; i < numberWidth; i++) output.value(numbers[at + i]);
    }
    if (objectWidth === 0) return;
    const objects = this.objectsOf(row);
    const at = this.objectsAt(row);
    for (let i = 0; i < objectWidth; i++) output.value(objects[at + i]);
  }

  /** A new row with the cells that `cellsOf` gave. */
  restore(cells: readonly unknown[]): number {
    const row = this.allocate();
    const numbersAt = this.numbersAt(row);
    for (let i = 0; i < this.numberWidth; i++) this.numbersOf(row)[numbersAt + i] = cells[i] as number;
    const objectsAt = this.objectsAt(row);
    for (let i = 0; i < this.objectWidth; i++) this.objectsOf(row)[objectsAt + i] = cells[this.numberWidth + i];
    return row;
  }

  private extend(): number {
    const row = this.allocated++;
    if ((row & PAGE_MASK) === 0) {
      this.numberPages.push(new Float64Array(PAGE_ROWS * this.numberWidth));
      this.objectPages.push(
        this.objectWidth === 0 ? [] : Array.from<unknown>({ length: PAGE_ROWS * this.objectWidth }),
      );
    }
    return row;
  }
}
