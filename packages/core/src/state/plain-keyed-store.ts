import { invariant } from '../errors/index.ts';
import type { EntryFormat, KeyedEntry, KeyedStore, NamedStateSnapshot } from '../model/index.ts';
import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { restoredKey, shownKey } from './heap-keyed-store.ts';
import { canonicalKeyBytes, keyGroupOf } from './key-group.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

type KeyedSnapshot = Extract<NamedStateSnapshot, { kind: 'keyed' }>;

/** A rough size of an entry that nobody encodes, with its place in the map. */
const ENTRY_BYTES = 300;

/** One entry per key of a job without checkpoints: nobody asks what has changed, so nothing is kept about it. */
export class PlainKeyedStore<K, V> implements KeyedStore<K, V> {
  readonly tracks = false;
  private readonly name: string;
  private readonly format: EntryFormat<V>;
  private readonly byKey = new Map<K, V>();

  constructor(name: string, format: EntryFormat<V>) {
    this.name = name;
    this.format = format;
  }

  get size(): number {
    return this.byKey.size;
  }

  get bytes(): number {
    return ENTRY_BYTES * this.byKey.size;
  }

  get(key: K): V | undefined {
    return this.byKey.get(key);
  }

  edit(key: K): V | undefined {
    return this.byKey.get(key);
  }

  put(key: K, entry: V): void {
    this.byKey.set(key, entry);
  }

  delete(key: K): void {
    this.byKey.delete(key);
  }

  entries(): IterableIterator<[K, V]> {
    return this.byKey.entries();
  }

  cut(): never {
    return invariant(false, `state '${this.name}' tracks no changes`) as never;
  }

  loadEntries(): never {
    return this.cut();
  }

  loaded(): void {}

  snapshot(): KeyedSnapshot {
    const writer = new ByteWriter();
    const entries: KeyedEntry[] = [];
    for (const [key, value] of this.byKey) {
      const keyBytes = canonicalKeyBytes(key);
      writeValue(writer, this.format.toValue(value), `state '${this.name}' of key ${shownKey(key)}`);
      entries.push({ keyGroup: keyGroupOf(keyBytes), key: keyBytes, value: writer.take() });
    }
    return { kind: 'keyed', name: this.name, entries };
  }

  restore(snapshot: KeyedSnapshot): void {
    for (const { key, value } of snapshot.entries) {
      const reader = new ByteReader(value);
      const entry = this.format.fromValue(readValue(reader));
      if (reader.rest > 0) throw corrupt(`${reader.rest} bytes too many in an entry of state '${this.name}'`);
      this.byKey.set(restoredKey<K>(new ByteReader(key)), entry);
    }
  }
}
