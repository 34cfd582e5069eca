/** Items of a chunk. An array that grows by copying itself would stop everything for milliseconds at a million items. */
const CHUNK_BITS = 12;
const CHUNK_ITEMS = 1 << CHUNK_BITS;

/** A list that only grows, in steps of the same small cost. */
export class ChunkedList<T> {
  length = 0;
  private readonly chunks: T[][] = [];
  private last: T[] = [];

  push(item: T): void {
    if ((this.length & (CHUNK_ITEMS - 1)) === 0) this.chunks.push((this.last = []));
    this.last.push(item);
    this.length++;
  }

  /** @param index below `length` */
  at(index: number): T {
    return (this.chunks[index >>> CHUNK_BITS] as T[])[index & (CHUNK_ITEMS - 1)] as T;
  }
}
