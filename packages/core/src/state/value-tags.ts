/*
 * The self-describing codec of values in state. One byte says what follows:
 *
 *   0 null    1 undefined    2 false    3 true
 *   4 integer >= 0: varint            5 integer < 0: varint of its absolute value
 *   6 any other number: 8 bytes, IEEE 754, big endian (fractions, -0, NaN, infinities, beyond 2^53)
 *   7 text: varint length, UTF-8      8 text with lone surrogates: varint length, UTF-16 units, big endian
 *   9 array: varint length, values   10 plain object: varint number of fields, then (text, value) each
 *  11 bigint >= 0, 12 bigint < 0: varint length, absolute value, big endian
 *  13 Date: 8 bytes, epoch ms as a double (NaN: invalid)
 *  14 Map: varint size, then (key, value) each          15 Set: varint size, values
 *  16 typed array: one byte of kind, varint length in bytes, elements little endian
 *  17 ArrayBuffer: varint length, bytes                 18 object without prototype: as 10
 *
 * These numbers, and the order of TYPED_ARRAYS, are part of the format on disk: never reuse one.
 */
export const NULL = 0;
export const UNDEFINED = 1;
export const FALSE = 2;
export const TRUE = 3;
export const POSITIVE = 4;
export const NEGATIVE = 5;
export const FLOAT = 6;
export const TEXT = 7;
export const TEXT16 = 8;
export const ARRAY = 9;
export const OBJECT = 10;
export const POSITIVE_BIGINT = 11;
export const NEGATIVE_BIGINT = 12;
export const DATE = 13;
export const MAP = 14;
export const SET = 15;
export const TYPED_ARRAY = 16;
export const ARRAY_BUFFER = 17;
export const NULL_OBJECT = 18;

/** Kinds of typed arrays by their number. */
export const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;

/** Deeper values are refused: they would overflow the stack of whoever reads them. */
export const MAX_DEPTH = 200;

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Elements as they are written: little endian on every machine. Its own inverse. */
export function littleEndian(bytes: Uint8Array, elementBytes: number): Uint8Array {
  if (LITTLE_ENDIAN || elementBytes === 1) return bytes;
  const swapped = bytes.slice();
  for (let at = 0; at < swapped.length; at += elementBytes) swapped.subarray(at, at + elementBytes).reverse();
  return swapped;
}
