import { MillraceError } from '../errors/index.ts';
import type { NamedStateSnapshot, SliceEntry, SliceLayout, SliceStore } from '../model/index.ts';
import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { restoredKey, shownKey } from './heap-keyed-store.ts';
import { HeapSlice } from './heap-slice.ts';
import { canonicalKeyBytes, keyGroupOf } from './key-group.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

type SlicesSnapshot = Extract<NamedStateSnapshot, { kind: 'slices' }>;

/** All slices of one operator on the heap. */
export class HeapSliceStore<K> implements SliceStore<K> {
  private readonly name: string;
  private readonly layout: SliceLayout;
  private readonly byStart = new Map<number, HeapSlice<K>>();

  constructor(name: string, layout: SliceLayout) {
    this.name = name;
    this.layout = layout;
  }

  get size(): number {
    return this.byStart.size;
  }

  get(start: number): HeapSlice<K> | undefined {
    return this.byStart.get(start);
  }

  create(start: number, end: number): HeapSlice<K> {
    const slice = this.byStart.get(start) ?? new HeapSlice<K>(start, end, this.layout);
    this.byStart.set(start, slice);
    return slice;
  }

  drop(start: number): void {
    this.byStart.delete(start);
  }

  slices(): HeapSlice<K>[] {
    return [...this.byStart.values()].sort((a, b) => a.start - b.start);
  }

  snapshot(): SlicesSnapshot {
    const slices = this.slices();
    return {
      kind: 'slices',
      name: this.name,
      slices: slices.map(({ start, end, records }) => ({ start, end, records })),
      entries: slices.flatMap((slice) => this.entriesOf(slice)),
    };
  }

  restore(snapshot: SlicesSnapshot): void {
    for (const { start, end, records } of snapshot.slices) this.create(start, end).records = records;
    for (const entry of snapshot.entries) {
      const slice = this.byStart.get(entry.slice);
      if (slice === undefined) throw corrupt(`an entry belongs to slice ${entry.slice}, which does not exist`);
      this.restoreRow(slice, entry);
    }
  }

  private entriesOf(slice: HeapSlice<K>): SliceEntry[] {
    const writer = new ByteWriter();
    const entries: SliceEntry[] = [];
    for (let row = 0; row < slice.size; row++) {
      const key = canonicalKeyBytes(slice.keyAt(row));
      entries.push({ slice: slice.start, keyGroup: keyGroupOf(key), key, cells: this.encodeRow(writer, slice, row) });
    }
    return entries;
  }

  private encodeRow(writer: ByteWriter, slice: HeapSlice<K>, row: number): Uint8Array {
    const { numbers, objects } = this.layout;
    const numbersAt = slice.numbersAt(row);
    for (let i = 0; i < numbers.length; i++) writer.float64(slice.numbersOf(row)[numbersAt + i] as number);
    const objectsAt = slice.objectsAt(row);
    const path = `state '${this.name}' of key ${shownKey(slice.keyAt(row))}`;
    for (let i = 0; i < objects.length; i++) writeValue(writer, slice.objectsOf(row)[objectsAt + i], path);
    return writer.take();
  }

  private restoreRow(slice: HeapSlice<K>, entry: SliceEntry): void {
    const row = slice.upsert(restoredKey<K>(entry.key));
    const reader = new ByteReader(entry.cells);
    const numbersAt = slice.numbersAt(row);
    for (let i = 0; i < this.layout.numbers.length; i++) slice.numbersOf(row)[numbersAt + i] = reader.float64();
    const objectsAt = slice.objectsAt(row);
    for (let i = 0; i < this.layout.objects.length; i++) slice.objectsOf(row)[objectsAt + i] = readValue(reader);
    if (reader.rest > 0) {
      throw new MillraceError('STATE_MISMATCH', {
        message: `State '${this.name}' holds ${reader.rest} bytes more per entry than its operator knows of. Its aggregates were changed.`,
      });
    }
  }
}
