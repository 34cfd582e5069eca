import type { EntryFormat, KeyedEntry, KeyedStore, NamedStateSnapshot } from '../model/index.ts';
import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { canonicalKey } from './canonical-key.ts';
import { canonicalKeyBytes, keyGroupOf } from './key-group.ts';
import { decodeValue } from './value-codec.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

type KeyedSnapshot = Extract<NamedStateSnapshot, { kind: 'keyed' }>;

/** One entry per key on the heap. */
export class HeapKeyedStore<K, V> implements KeyedStore<K, V> {
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

  snapshot(): KeyedSnapshot {
    const writer = new ByteWriter();
    const entries: KeyedEntry[] = [];
    for (const [key, entry] of this.byKey) {
      const keyBytes = canonicalKeyBytes(key);
      writeValue(writer, this.format.toValue(entry), `state '${this.name}' of key ${shownKey(key)}`);
      entries.push({ keyGroup: keyGroupOf(keyBytes), key: keyBytes, value: writer.take() });
    }
    return { kind: 'keyed', name: this.name, entries };
  }

  restore(snapshot: KeyedSnapshot): void {
    for (const { key, value } of snapshot.entries) {
      const reader = new ByteReader(value);
      const entry = this.format.fromValue(readValue(reader));
      if (reader.rest > 0) throw corrupt(`${reader.rest} bytes too many in an entry of state '${this.name}'`);
      this.byKey.set(restoredKey<K>(key), entry);
    }
  }
}

/** The key that the bytes stand for, as the engine compares it. */
export function restoredKey<K>(bytes: Uint8Array): K {
  const key = decodeValue(bytes);
  // The key was a K when the same operator wrote it; null is that of `windowAll`.
  return (key === null ? null : canonicalKey(key)) as K;
}

/** A key for messages. */
export function shownKey(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key !== 'object') return String(key);
  return JSON.stringify(key, (_name, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part));
}
