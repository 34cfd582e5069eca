import { murmur2 } from '../internal/murmur2.ts';
import type { ByteWriter } from './byte-writer.ts';
import { KEY_GROUPS } from './key-group.ts';
import { writeValue } from './value-writer.ts';

/** Begins an entry, which starts with its key. Returns the key group. */
export function writeKey(writer: ByteWriter, key: unknown): number {
  writer.reset();
  writeValue(writer, typeof key === 'number' ? (Number.isNaN(key) ? NaN : key + 0) : key);
  return murmur2(writer.bytes, writer.length) % KEY_GROUPS;
}
