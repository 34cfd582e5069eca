/*
 * FROZEN. Files of state and repartition topics already written depend on every bit of this file.
 *
 * keyGroup = murmur2(canonical key bytes) mod G, G = 128 for the whole life of a job. Canonical key bytes are those of
 * the value codec, after -0 became 0 and every NaN the one of JavaScript: two keys that a Map holds to be the same have
 * the same bytes.
 */
import { murmur2 } from '../internal/murmur2.ts';
import { encodeValue } from './value-codec.ts';

/** Number of key groups: the units in which state is stored and moved. */
export const KEY_GROUPS = 128;

/** Bytes that stand for `key` wherever it is written. */
export function canonicalKeyBytes(key: unknown): Uint8Array {
  return encodeValue(typeof key === 'number' ? (Number.isNaN(key) ? NaN : key + 0) : key);
}

/** The key group of a key's canonical bytes, 0 to 127. */
export function keyGroupOf(keyBytes: Uint8Array): number {
  return murmur2(keyBytes) % KEY_GROUPS;
}
