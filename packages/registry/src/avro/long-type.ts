import { Buffer } from 'node:buffer';
import avsc from 'avsc';
import type { Type } from 'avsc';
import { malformed } from '../mapping/malformed.ts';

/** Longest varint of 64 bits. */
const VARINT_BYTES = 10;
/** Bits that four bytes of a varint hold, and their range. */
const LOW_BYTES = 4;
const TWO_27 = 2 ** 27;

/**
 * Avro's long as a JavaScript number, exact wherever that is exact. avsc's own computes with the doubled number (zigzag), which is
 * rounded above 2^52: it writes -4503599627370497 as 4503599627370496, and reads it so.
 */
export const longType: Type = avsc.types.LongType.__with(
  {
    fromBuffer: readVarint,
    toBuffer: writeVarint,
    fromJSON: (value: unknown) => value,
    toJSON: (value: unknown) => value,
    isValid: (value: unknown) => Number.isSafeInteger(value),
    compare: (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0),
  },
  true,
);

/*
 *   bit 0   1 .. 27          28 .. 63
 *   sign    low of half      high of half        n = sign ? -half - 1 : half
 */
function readVarint(bytes: Uint8Array): number {
  let low = 0;
  let high = 0;
  const { length } = bytes;
  for (let i = 0; i < length && i < LOW_BYTES; i++) low |= ((bytes[i] as number) & 0x7f) << (7 * i);
  for (let i = length - 1; i >= LOW_BYTES; i--) high = high * 128 + ((bytes[i] as number) & 0x7f);
  const half = (low >>> 1) + high * TWO_27;
  const value = (low & 1) === 1 ? -half - 1 : half;
  if (Number.isSafeInteger(value)) return value;
  throw malformed(`a long is ${value}, which a JavaScript number does not hold exactly (at most 2^53 - 1)`);
}

// avsc copies what it is given before it asks again.
const scratch = Buffer.alloc(VARINT_BYTES);

function writeVarint(value: number): Buffer {
  const half = value < 0 ? -value - 1 : value;
  let byte = (half % 64) * 2 + (value < 0 ? 1 : 0);
  let rest = Math.floor(half / 64);
  let length = 0;
  for (; rest > 0; rest = Math.floor(rest / 128)) {
    scratch[length++] = byte | 0x80;
    byte = rest % 128;
  }
  scratch[length++] = byte;
  return scratch.subarray(0, length);
}

const NS_PER_MS = 1_000_000n;

/** A long of nanoseconds as milliseconds; what is finer is cut off. */
export const nanosType: Type = avsc.types.LongType.__with(
  {
    fromBuffer: (bytes: Uint8Array) => floorDiv(bigVarint(bytes), NS_PER_MS),
    toBuffer: (ms: number) => bigVarintBytes(BigInt(ms) * NS_PER_MS),
    fromJSON: (value: unknown) => value,
    toJSON: (value: unknown) => value,
    isValid: (value: unknown) => Number.isSafeInteger(value),
    compare: (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0),
  },
  true,
);

function bigVarint(bytes: Uint8Array): bigint {
  let zigzag = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) zigzag = zigzag * 128n + BigInt((bytes[i] as number) & 0x7f);
  return (zigzag & 1n) === 1n ? -(zigzag >> 1n) - 1n : zigzag >> 1n;
}

function bigVarintBytes(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value < 0n ? -value * 2n - 1n : value * 2n);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

function floorDiv(value: bigint, by: bigint): number {
  const quotient = value / by;
  return Number(value % by < 0n ? quotient - 1n : quotient);
}
