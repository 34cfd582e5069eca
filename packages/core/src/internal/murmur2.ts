/*
 * FROZEN. Key groups of state already written depend on every bit of this file. A change makes old state unreadable:
 * add a second algorithm with a name of its own instead.
 *
 * Murmur2, 32 bits, seed 0x9747b28c, little endian: the variant of Kafka's default partitioner
 * (Austin Appleby's MurmurHash2, public domain; constants m = 0x5bd1e995, r = 24). Checked against Kafka's own test
 * values in test/internal/murmur2.test.ts.
 */
const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** Murmur2 of the first `length` bytes, as an unsigned 32-bit integer. */
export function murmur2(bytes: Uint8Array, length: number = bytes.length): number {
  let h = (SEED ^ length) | 0;
  const blocks = length >> 2;
  for (let block = 0; block < blocks; block++) {
    const i = block << 2;
    let k =
      (bytes[i] as number) |
      ((bytes[i + 1] as number) << 8) |
      ((bytes[i + 2] as number) << 16) |
      ((bytes[i + 3] as number) << 24);
    k = Math.imul(k, M);
    k ^= k >>> R;
    k = Math.imul(k, M);
    h = Math.imul(h, M) ^ k;
  }
  const tail = length & ~3;
  const rest = length & 3;
  if (rest === 3) h ^= (bytes[tail + 2] as number) << 16;
  if (rest >= 2) h ^= (bytes[tail + 1] as number) << 8;
  if (rest >= 1) {
    h ^= bytes[tail] as number;
    h = Math.imul(h, M);
  }
  h ^= h >>> 13;
  h = Math.imul(h, M);
  h ^= h >>> 15;
  return h >>> 0;
}
