import type { Slice, SliceLayout } from '../model/index.ts';

/** Rows of a full page. Pages keep growth free of long copies: 1e6 keys never move at once. */
const PAGE_BITS = 10;
const PAGE_ROWS = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_ROWS - 1;
/** Rows of a slice's first page at first; most slices hold few keys. */
const FIRST_ROWS = 16;

/**
 * One slice on the heap: an index from key to row, and pages of cells, row by row.
 *
 *   rows     Map: 'books' -> 0, 'toys' -> 1, ...          keys: ['books', 'toys', ...]
 *   numbers  page 0: [ row 0: n0 n1 n2 | row 1: n0 n1 n2 | ... ]   page 1: [ row 1024 ... ]   (Float64Array)
 *   objects  page 0: [ row 0: o0 | row 1: o0 | ... ]               (plain arrays)
 */
export class HeapSlice<K> implements Slice<K> {
  readonly start: number;
  readonly end: number;
  records = 0;
  private readonly layout: SliceLayout;
  private readonly numberWidth: number;
  private readonly objectWidth: number;
  private readonly rows = new Map<K, number>();
  private readonly keys: K[] = [];
  private readonly numberPages: Float64Array[] = [];
  private readonly objectPages: unknown[][] = [];

  constructor(start: number, end: number, layout: SliceLayout) {
    this.start = start;
    this.end = end;
    this.layout = layout;
    this.numberWidth = layout.numbers.length;
    this.objectWidth = layout.objects.length;
  }

  get size(): number {
    return this.keys.length;
  }

  upsert(key: K): number {
    const row = this.rows.get(key);
    return row === undefined ? this.insert(key) : row;
  }

  find(key: K): number {
    return this.rows.get(key) ?? -1;
  }

  removeLast(): void {
    const row = this.keys.length - 1;
    this.rows.delete(this.keys[row] as K);
    this.keys.pop();
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

  private insert(key: K): number {
    const row = this.keys.length;
    this.rows.set(key, row);
    this.keys.push(key);
    const page = row >>> PAGE_BITS;
    const numbers = this.roomForNumbers(page, row & PAGE_MASK);
    const numbersAt = this.numbersAt(row);
    for (let i = 0; i < this.numberWidth; i++) numbers[numbersAt + i] = this.layout.numbers[i] as number;
    if (this.objectWidth === 0) return row;
    const objects = (this.objectPages[page] ??= []);
    for (const create of this.layout.objects) objects.push(create());
    return row;
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
