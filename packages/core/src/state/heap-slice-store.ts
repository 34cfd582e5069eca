import { MillraceError } from '../errors/index.ts';
import type {
  CutKind,
  EntryOutput,
  NamedStateSnapshot,
  SliceEntry,
  SliceLayout,
  SliceList,
  SliceStore,
} from '../model/index.ts';
import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { writeKey } from './entry-key.ts';
import { UNTRACKED, type Epochs } from './epochs.ts';
import { restoredKey, shownKey } from './heap-keyed-store.ts';
import { HeapSlice } from './heap-slice.ts';
import { canonicalKeyBytes, keyGroupOf } from './key-group.ts';
import type { StoreCut } from './store-cut.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

type SlicesSnapshot = Extract<NamedStateSnapshot, { kind: 'slices' }>;

/** A key of some ten characters and its place in the map; measured at 1e6 keys. */
const ROW_BYTES = 90;
/** A small accumulator. */
const OBJECT_BYTES = 80;

/**
 * All slices of one operator on the heap.
 *
 * An entry of a cut: key (value codec) | number of the slice (varint) | row (varint) | numeric cells (8 bytes each,
 * doubles) | object cells (value codec). Rows keep their numbers, so that a restored slice fires its keys in the same order.
 */
export class HeapSliceStore<K> implements SliceStore<K> {
  private readonly name: string;
  private readonly layout: SliceLayout;
  private readonly epochs: Epochs;
  private readonly byStart = new Map<number, HeapSlice<K>>();
  private readonly writer = new ByteWriter();
  private nextNumber = 0;
  /** While state is loaded: slices by the numbers of the list loaded last. */
  private byNumber = new Map<number, HeapSlice<K>>();

  constructor(name: string, layout: SliceLayout, epochs: Epochs = UNTRACKED) {
    this.name = name;
    this.layout = layout;
    this.epochs = epochs;
  }

  get size(): number {
    return this.byStart.size;
  }

  get entryCount(): number {
    let entries = 0;
    for (const slice of this.byStart.values()) entries += slice.size;
    return entries;
  }

  /** Estimate: cells, key, and the key's place in the map. */
  get bytes(): number {
    return this.entryCount * (ROW_BYTES + 8 * this.layout.numbers.length + OBJECT_BYTES * this.layout.objects.length);
  }

  get(start: number): HeapSlice<K> | undefined {
    return this.byStart.get(start);
  }

  create(start: number, end: number): HeapSlice<K> {
    return this.byStart.get(start) ?? this.add(start, end, this.nextNumber);
  }

  drop(start: number): void {
    this.byStart.delete(start);
  }

  slices(): HeapSlice<K>[] {
    return [...this.byStart.values()].sort((a, b) => a.start - b.start);
  }

  list(): SliceList {
    const slices = this.slices().map(({ number, start, end, records }) => ({ number, start, end, records }));
    return { kind: 'slices', name: this.name, nextNumber: this.nextNumber, slices };
  }

  /** Slices dropped from now on stay with the cut. */
  cut(kind: CutKind, output: EntryOutput): StoreCut {
    const slices = this.slices();
    const walks = slices.map((slice) => slice.cut(kind, (row) => this.writeRow(slice, row, output)));
    let at = 0;
    return {
      step(entriesMax) {
        let left = entriesMax;
        while (at < walks.length) {
          left -= walks[at]?.step(left) ?? 0;
          if (left <= 0) return 0;
          slices[at++]?.endCut();
        }
        return left;
      },
    };
  }

  loadList({ nextNumber, slices }: SliceList): void {
    this.byNumber = new Map();
    this.nextNumber = Math.max(this.nextNumber, nextNumber);
    for (const { number, start, end, records } of slices) {
      const slice = this.byStart.get(start) ?? this.add(start, end, number);
      slice.records += records;
      this.byNumber.set(number, slice);
    }
  }

  loadEntries(bytes: Uint8Array, cut: number): number {
    const reader = new ByteReader(bytes);
    let entries = 0;
    for (; reader.rest > 0; entries++) {
      const key = restoredKey<K>(reader);
      const slice = this.byNumber.get(reader.varint());
      const wanted = reader.varint();
      const row = slice === undefined ? -1 : slice.place(key, wanted, cut);
      if (slice !== undefined && row >= 0) this.readCells(slice, row, reader);
      else this.skipCells(reader);
    }
    return entries;
  }

  loaded(): void {
    this.byNumber = new Map();
    for (const slice of this.slices()) {
      const closed = slice.hasGaps ? this.withoutGaps(slice) : slice;
      this.byStart.set(slice.start, closed);
      closed.cleanAll();
    }
  }

  snapshot(): SlicesSnapshot {
    const slices = this.slices().map(({ start, end, records }) => ({ start, end, records }));
    return {
      kind: 'slices',
      name: this.name,
      slices,
      entries: this.slices().flatMap((slice) => this.entriesOf(slice)),
    };
  }

  restore(snapshot: SlicesSnapshot): void {
    for (const { start, end, records } of snapshot.slices) this.create(start, end).records = records;
    for (const entry of snapshot.entries) {
      const slice = this.byStart.get(entry.slice);
      if (slice === undefined) throw corrupt(`an entry belongs to slice ${entry.slice}, which does not exist`);
      const reader = new ByteReader(entry.cells);
      this.readCells(slice, slice.upsert(restoredKey<K>(new ByteReader(entry.key))), reader);
      if (reader.rest > 0) throw this.otherLayout(reader.rest);
    }
  }

  private add(start: number, end: number, number: number): HeapSlice<K> {
    const slice = new HeapSlice<K>(start, end, this.layout, this.epochs, number);
    this.byStart.set(start, slice);
    this.nextNumber = Math.max(this.nextNumber, number) + 1;
    return slice;
  }

  private entriesOf(slice: HeapSlice<K>): SliceEntry[] {
    const writer = new ByteWriter();
    const entries: SliceEntry[] = [];
    for (let row = 0; row < slice.size; row++) {
      const key = canonicalKeyBytes(slice.keyAt(row));
      this.writeCells(writer, slice, row);
      entries.push({ slice: slice.start, keyGroup: keyGroupOf(key), key, cells: writer.take() });
    }
    return entries;
  }

  private writeRow(slice: HeapSlice<K>, row: number, output: EntryOutput): void {
    const { writer } = this;
    const keyGroup = writeKey(writer, slice.keyAt(row));
    writer.varint(slice.number);
    writer.varint(row);
    this.writeCells(writer, slice, row);
    output.entry(keyGroup, writer.bytes, writer.length);
  }

  private writeCells(writer: ByteWriter, slice: HeapSlice<K>, row: number): void {
    const numbers = slice.numbersOf(row);
    const numbersAt = slice.numbersAt(row);
    const { length } = this.layout.numbers;
    for (let i = 0; i < length; i++) writer.float64(numbers[numbersAt + i] as number);
    if (this.layout.objects.length === 0) return;
    const objects = slice.objectsOf(row);
    const objectsAt = slice.objectsAt(row);
    try {
      for (let i = 0; i < this.layout.objects.length; i++) writeValue(writer, objects[objectsAt + i]);
    } catch {
      // Once more, for an error that names the key.
      const path = `state '${this.name}' of key ${shownKey(slice.keyAt(row))}`;
      for (let i = 0; i < this.layout.objects.length; i++) writeValue(new ByteWriter(), objects[objectsAt + i], path);
    }
  }

  private readCells(slice: HeapSlice<K>, row: number, reader: ByteReader): void {
    const numbersAt = slice.numbersAt(row);
    for (let i = 0; i < this.layout.numbers.length; i++) slice.numbersOf(row)[numbersAt + i] = reader.float64();
    const objectsAt = slice.objectsAt(row);
    for (let i = 0; i < this.layout.objects.length; i++) slice.objectsOf(row)[objectsAt + i] = readValue(reader);
  }

  /** Of a slice that was dropped later, or of a row that a later cut has. */
  private skipCells(reader: ByteReader): void {
    reader.skip(8 * this.layout.numbers.length);
    for (let i = 0; i < this.layout.objects.length; i++) readValue(reader);
  }

  /** Rows close up where key groups were left out; their order stays. */
  private withoutGaps(slice: HeapSlice<K>): HeapSlice<K> {
    const closed = new HeapSlice<K>(slice.start, slice.end, this.layout, this.epochs, slice.number);
    closed.records = slice.records;
    for (let from = 0; from < slice.size; from++) {
      const key = slice.keyAt(from);
      if (key === undefined) continue;
      const row = closed.upsert(key);
      this.layout.numbers.forEach((_, i) => {
        closed.numbersOf(row)[closed.numbersAt(row) + i] = slice.numbersOf(from)[slice.numbersAt(from) + i] as number;
      });
      this.layout.objects.forEach((_, i) => {
        closed.objectsOf(row)[closed.objectsAt(row) + i] = slice.objectsOf(from)[slice.objectsAt(from) + i];
      });
    }
    return closed;
  }

  private otherLayout(rest: number): MillraceError {
    return new MillraceError('STATE_MISMATCH', {
      message: `State '${this.name}' holds ${rest} bytes more per entry than its operator knows of. Its aggregates were changed.`,
    });
  }
}
