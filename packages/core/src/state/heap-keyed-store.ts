import { ChunkedList } from '../internal/chunked-list.ts';
import type { CutKind, EntryFormat, EntryOutput, KeyedEntry, KeyedStore, NamedStateSnapshot } from '../model/index.ts';
import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { canonicalKey } from './canonical-key.ts';
import { writeKey } from './entry-key.ts';
import { CLEAN, UNTRACKED, type Epochs } from './epochs.ts';
import { canonicalKeyBytes, keyGroupOf } from './key-group.ts';
import { Cell, DeltaWalk, DENSE, DenseWalk, FullWalk, type KeyedWalk } from './keyed-walk.ts';
import type { StoreCut } from './store-cut.ts';
import { readValue } from './value-reader.ts';
import { PieceWriter, writeValue } from './value-writer.ts';

type KeyedSnapshot = Extract<NamedStateSnapshot, { kind: 'keyed' }>;

const PUT = 1;
const DELETE = 0;

/** Entries encoded for an estimate of the state's size. */
const SAMPLES = 16;
/** A cell and its place in the map; measured at 1e6 entries. */
const CELL_BYTES = 120;
const MEMORY_FACTOR = 3;
/** What was loaded has a number below that of every walk. */
const LOADED = -(2 ** 30);

/**
 * One entry per key on the heap.
 *
 * An entry of a cut: key (value codec) | 1 | length of the value: u32 | value (value codec), or key | 0 where the key has gone.
 */
export class HeapKeyedStore<K, V> implements KeyedStore<K, V> {
  readonly tracks = true;
  private readonly name: string;
  private readonly format: EntryFormat<V>;
  private readonly epochs: Epochs;
  private readonly byKey = new Map<K, Cell<K, V>>();
  private readonly writer = new ByteWriter();
  private readonly pieces = new PieceWriter(this.writer);
  /** Changed since the last cut, in the order of their first change. A deleted cell stands before one that replaced it. */
  private changed = new ChunkedList<Cell<K, V>>();
  /** Those of them that went. */
  private gone = new ChunkedList<Cell<K, V>>();
  private walk: KeyedWalk<K, V> | undefined;
  /** While state is loaded: keys that have gone, and in which cut. */
  private goneAt = new Map<K, number>();
  private fullWalks = 0;

  constructor(name: string, format: EntryFormat<V>, epochs: Epochs = UNTRACKED) {
    this.name = name;
    this.format = format;
    this.epochs = epochs;
  }

  get size(): number {
    return this.byKey.size;
  }

  get(key: K): V | undefined {
    return this.byKey.get(key)?.value;
  }

  edit(key: K): V | undefined {
    const cell = this.byKey.get(key);
    if (cell === undefined) return undefined;
    if (cell.mark !== this.epochs.mark) this.change(cell);
    return cell.value;
  }

  put(key: K, entry: V): void {
    const cell = this.byKey.get(key);
    if (cell !== undefined) {
      if (cell.mark !== this.epochs.mark) this.change(cell);
      cell.value = entry;
      return;
    }
    const { mark } = this.epochs;
    const added = new Cell(key, entry, mark, this.fullWalks);
    if (mark !== CLEAN) this.changed.push(added);
    this.byKey.set(key, added);
  }

  delete(key: K): void {
    const cell = this.byKey.get(key);
    if (cell === undefined) return;
    if (cell.mark !== this.epochs.mark) this.change(cell);
    cell.alive = false;
    if (this.epochs.tracking) this.gone.push(cell);
    this.byKey.delete(key);
  }

  entries(): IterableIterator<[K, V]> {
    return new Entries(this.byKey.values());
  }

  /** Estimate: an entry takes some three times its encoded size in memory, and its place in the map. */
  get bytes(): number {
    let sampled = 0;
    let encoded = 0;
    for (const { key, value } of this.byKey.values()) {
      if (sampled === SAMPLES) break;
      sampled++;
      writeKey(this.writer, key);
      writeValue(this.writer, this.format.toValue(value), this.name);
      encoded += this.writer.length;
    }
    return sampled === 0 ? 0 : Math.round(this.size * (CELL_BYTES + (MEMORY_FACTOR * encoded) / sampled));
  }

  cut(kind: CutKind, output: EntryOutput, endedMark: number): StoreCut {
    const { changed, gone } = this;
    this.changed = new ChunkedList();
    this.gone = new ChunkedList();
    const write = (cell: Cell<K, V>): void => this.write(cell, output);
    let walk: KeyedWalk<K, V>;
    if (kind === 'full') walk = new FullWalk(this.byKey.values(), ++this.fullWalks, write);
    else if (changed.length < DENSE * this.byKey.size) walk = new DeltaWalk(changed, endedMark, write);
    else walk = new DenseWalk(this.byKey.values(), gone, endedMark, write);
    this.walk = walk;
    return {
      step: (entriesMax) => {
        const left = entriesMax - walk.step(entriesMax);
        if (left > 0) this.walk = undefined;
        return left;
      },
    };
  }

  /** @param cut position in the chain: a key that goes and comes again within one cut has come, whatever is written first */
  loadEntries(bytes: Uint8Array, cut: number): number {
    const reader = new ByteReader(bytes);
    let entries = 0;
    for (; reader.rest > 0; entries++) {
      const key = restoredKey<K>(reader);
      const kind = reader.byte();
      if (kind === PUT) this.loadValue(key, reader, LOADED + cut);
      else if (kind === DELETE) this.unload(key, LOADED + cut);
      else throw corrupt(`unknown kind of entry ${kind} in state '${this.name}'`);
    }
    return entries;
  }

  loaded(): void {
    this.goneAt = new Map();
  }

  snapshot(): KeyedSnapshot {
    const writer = new ByteWriter();
    const entries: KeyedEntry[] = [];
    for (const { key, value } of this.byKey.values()) {
      const keyBytes = canonicalKeyBytes(key);
      writeValue(writer, this.format.toValue(value), this.pathOf(key));
      entries.push({ keyGroup: keyGroupOf(keyBytes), key: keyBytes, value: writer.take() });
    }
    return { kind: 'keyed', name: this.name, entries };
  }

  restore(snapshot: KeyedSnapshot): void {
    for (const { key, value } of snapshot.entries) {
      const reader = new ByteReader(value);
      const entry = this.format.fromValue(readValue(reader));
      if (reader.rest > 0) throw corrupt(`${reader.rest} bytes too many in an entry of state '${this.name}'`);
      this.load(restoredKey<K>(new ByteReader(key)), entry, LOADED);
    }
  }

  /** What is loaded is what the last checkpoint holds. */
  private load(key: K, value: V, walked: number): void {
    const cell = new Cell(key, value, CLEAN, walked);
    cell.kept = true;
    this.byKey.set(key, cell);
  }

  private loadValue(key: K, reader: ByteReader, walked: number): void {
    const length = reader.u32();
    if (length > reader.rest) throw corrupt(`an entry of state '${this.name}' does not fit`);
    const known = this.byKey.get(key);
    // A later cut has it already, or has its end.
    if ((known !== undefined && known.walked > walked) || (this.goneAt.get(key) ?? -Infinity) > walked) {
      reader.skip(length);
      return;
    }
    const end = reader.rest - length;
    const value = this.format.fromValue(readValue(reader));
    if (reader.rest !== end) throw corrupt(`an entry of state '${this.name}' has another length than it says`);
    this.load(key, value, walked);
  }

  private unload(key: K, walked: number): void {
    const cell = this.byKey.get(key);
    if (cell !== undefined && cell.walked < walked) this.byKey.delete(key);
    this.goneAt.set(key, Math.max(walked, this.goneAt.get(key) ?? -Infinity));
  }

  /** The first change of a cell in this epoch. */
  private change(cell: Cell<K, V>): void {
    this.walk?.beforeChange(cell);
    cell.mark = this.epochs.mark;
    this.changed.push(cell);
  }

  private write(cell: Cell<K, V>, output: EntryOutput): void {
    // Came and went between two checkpoints: nobody needs to know.
    if (!cell.alive && !cell.kept) return;
    const { writer } = this;
    const keyGroup = writeKey(writer, cell.key);
    writer.byte(cell.alive ? PUT : DELETE);
    if (cell.alive) this.writeEntry(cell);
    cell.kept = cell.alive;
    output.entry(keyGroup, writer.bytes, writer.length);
  }

  private writeEntry({ key, value }: Cell<K, V>): void {
    const { writer, format } = this;
    const at = writer.reserveU32();
    try {
      if (format.write === undefined) writeValue(writer, format.toValue(value));
      else format.write(value, this.pieces);
      writer.setU32(at, writer.length - at - 4);
    } catch {
      // Once more, for an error that names the key.
      writeValue(new ByteWriter(), format.toValue(value), this.pathOf(key));
    }
  }

  private pathOf(key: K): string {
    return `state '${this.name}' of key ${shownKey(key)}`;
  }
}

class Entries<K, V> implements IterableIterator<[K, V]> {
  private readonly cells: IterableIterator<Cell<K, V>>;

  constructor(cells: IterableIterator<Cell<K, V>>) {
    this.cells = cells;
  }

  next(): IteratorResult<[K, V]> {
    const next = this.cells.next();
    if (next.done === true) return { done: true, value: undefined };
    return { done: false, value: [next.value.key, next.value.value] };
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** The next key, as the engine compares it. */
export function restoredKey<K>(reader: ByteReader): K {
  const key = readValue(reader);
  // The key was a K when the same operator wrote it; null is that of `windowAll`.
  return (key === null ? null : canonicalKey(key)) as K;
}

/** A key for messages. */
export function shownKey(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key !== 'object') return String(key);
  return JSON.stringify(key, (_name, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
