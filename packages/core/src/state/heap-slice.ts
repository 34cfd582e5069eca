import type { CutKind, Slice, SliceLayout } from '../model/index.ts';
import { CLEAN, UNTRACKED, type Epochs } from './epochs.ts';
import { SliceWalk } from './slice-walk.ts';

/** Rows of a full page. Pages keep growth free of long copies: 1e6 keys never move at once. */
const PAGE_BITS = 10;
const PAGE_ROWS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_ROWS - 1;
/** Rows of a slice's first page at first; most slices hold few keys. */
const FIRST_ROWS = 16;
const NO_MARKS = new Uint8Array(0);

/**
 * One slice on the heap: an index from key to row, and pages of cells, row by row.
 *
 *   rows     Map: 'books' -> 0, 'toys' -> 1, ...          keys: ['books', 'toys', ...]
 *   numbers  page 0: [ row 0: n0 n1 n2 | row 1: n0 n1 n2 | ... ]   page 1: [ row 1024 ... ]   (Float64Array)
 *   objects  page 0: [ row 0: o0 | row 1: o0 | ... ]               (plain arrays)
 *   marks    [ row 0, row 1, ... ]   markedPages [ page 0, page 1, ... ]       (epochs.ts; only where changes are tracked)
 *
 * Whoever changes a row has called `upsert` before, in the same batch: there the row is marked, and written if a cut waits
 * for it.
 */
export class HeapSlice<K> implements Slice<K> {
  readonly start: number;
  readonly end: number;
  records = 0;
  /** That of its entries in checkpoints. */
  readonly number: number;
  private readonly layout: SliceLayout;
  private readonly numberWidth: number;
  private readonly objectWidth: number;
  private readonly rows = new Map<K, number>();
  private readonly keys: K[] = [];
  private readonly numberPages: Float64Array[] = [];
  private readonly objectPages: unknown[][] = [];
  private readonly epochs: Epochs;
  private marks = NO_MARKS;
  /** 1 for pages with marked rows, so that a delta need not look at all others. */
  private markedPages = NO_MARKS;
  /** Those of the epoch before the cut. */
  private walkedPages = NO_MARKS;
  private walk: SliceWalk | undefined;
  /** While state is loaded: the cut that each row is from. */
  private loadedBy: number[] = [];

  constructor(start: number, end: number, layout: SliceLayout, epochs: Epochs = UNTRACKED, number: number = 0) {
    this.start = start;
    this.end = end;
    this.layout = layout;
    this.epochs = epochs;
    this.number = number;
    this.numberWidth = layout.numbers.length;
    this.objectWidth = layout.objects.length;
  }

  get size(): number {
    return this.keys.length;
  }

  upsert(key: K): number {
    const row = this.rows.get(key);
    if (row === undefined) return this.insert(key);
    const { mark } = this.epochs;
    if (mark !== CLEAN && this.marks[row] !== mark) {
      this.walk?.beforeChange(row);
      this.marks[row] = mark;
      this.markedPages[row >>> PAGE_BITS] = 1;
    }
    return row;
  }

  find(key: K): number {
    return this.rows.get(key) ?? -1;
  }

  removeLast(): void {
    const row = this.keys.length - 1;
    this.rows.delete(this.keys[row] as K);
    this.keys.pop();
    if (this.epochs.mark !== CLEAN) this.marks[row] = CLEAN;
    const objects = this.objectPages[row >>> PAGE_BITS];
    if (objects !== undefined) objects.length -= this.objectWidth;
  }

  keyAt(row: number): K {
    return this.keys[row] as K;
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

  /**
   * A row for `key` while state is loaded: the one it has, the wanted one, or where that is taken (rows of two backends), a
   * further one; -1 if a later cut than `cut` has loaded it. May leave gaps, which `hasGaps` tells of.
   */
  place(key: K, wanted: number, cut: number): number {
    const known = this.rows.get(key);
    if (known !== undefined) {
      if ((this.loadedBy[known] as number) > cut) return -1;
      this.loadedBy[known] = cut;
      return known;
    }
    const row = this.keys[wanted] === undefined ? wanted : this.keys.length;
    while (this.keys.length <= row) this.keys.push(undefined as K);
    this.keys[row] = key;
    this.rows.set(key, row);
    this.loadedBy[row] = cut;
    this.roomForNumbers(row >>> PAGE_BITS, row & PAGE_MASK);
    if (this.objectWidth > 0) {
      const objects = (this.objectPages[row >>> PAGE_BITS] ??= []);
      while (objects.length < this.objectsAt(row) + this.objectWidth) objects.push(undefined);
    }
    if (this.epochs.tracking && row >= this.marks.length) this.growMarks(row);
    return row;
  }

  get hasGaps(): boolean {
    return this.rows.size < this.keys.length;
  }

  /** Begins to write the rows as they are now: all, or those changed since the cut before. */
  cut(kind: CutKind, write: (row: number) => void): SliceWalk {
    this.walkedPages = this.markedPages;
    this.markedPages = new Uint8Array(this.markedPages.length);
    this.walk = new SliceWalk(this, kind === 'full', write);
    return this.walk;
  }

  endCut(): void {
    this.walk = undefined;
  }

  nextChanged(from: number, end: number): number {
    const { marks, walkedPages } = this;
    const { mark } = this.epochs;
    for (let row = from; row < end;) {
      const pageEnd = Math.min(end, ((row >>> PAGE_BITS) + 1) << PAGE_BITS);
      if (walkedPages[row >>> PAGE_BITS] === 0) row = pageEnd;
      for (; row < pageEnd; row++) {
        const own = marks[row];
        if (own !== CLEAN && own !== mark) return row;
      }
    }
    return end;
  }

  isMarked(row: number): boolean {
    return this.marks[row] !== CLEAN;
  }

  changedSinceCut(row: number): boolean {
    return this.marks[row] === this.epochs.mark;
  }

  clean(row: number): void {
    this.marks[row] = CLEAN;
  }

  /** What was restored is what the last checkpoint holds. */
  cleanAll(): void {
    this.marks.fill(CLEAN);
    this.markedPages.fill(0);
    this.loadedBy = [];
  }

  private insert(key: K): number {
    const row = this.keys.length;
    this.rows.set(key, row);
    this.keys.push(key);
    const { mark } = this.epochs;
    if (mark !== CLEAN) {
      if (row >= this.marks.length) this.growMarks(row);
      this.marks[row] = mark;
      this.markedPages[row >>> PAGE_BITS] = 1;
    }
    const page = row >>> PAGE_BITS;
    const numbers = this.roomForNumbers(page, row & PAGE_MASK);
    const numbersAt = this.numbersAt(row);
    for (let i = 0; i < this.numberWidth; i++) numbers[numbersAt + i] = this.layout.numbers[i] as number;
    if (this.objectWidth === 0) return row;
    const objects = (this.objectPages[page] ??= []);
    for (const create of this.layout.objects) objects.push(create());
    return row;
  }

  private growMarks(row: number): void {
    const marks = new Uint8Array(Math.max(FIRST_ROWS, 2 * row));
    marks.set(this.marks);
    this.marks = marks;
    const markedPages = new Uint8Array((marks.length >>> PAGE_BITS) + 1);
    markedPages.set(this.markedPages);
    this.markedPages = markedPages;
  }

  private roomForNumbers(page: number, rowInPage: number): Float64Array {
    const numbers = this.numberPages[page];
    if (numbers !== undefined && (rowInPage + 1) * this.numberWidth <= numbers.length) return numbers;
    const rows = page > 0 ? PAGE_ROWS : Math.max(FIRST_ROWS, 2 * rowInPage);
    const grown = new Float64Array(rows * this.numberWidth);
    if (numbers !== undefined) grown.set(numbers);
    this.numberPages[page] = grown;
    return grown;
  }
}
