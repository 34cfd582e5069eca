import protobuf from 'protobufjs';
import { wrongField } from '../mapping/malformed.ts';

/** Full names of messages that stand for one value. */
export const TIMESTAMP = '.google.protobuf.Timestamp';
export const DECIMAL = '.confluent.type.Decimal';

const TWO_32 = 2 ** 32;
const MS_PER_SECOND = 1_000;
const NS_PER_MS = 1_000_000;
const LONGS = new Set(['int64', 'sint64', 'sfixed64', 'uint64', 'fixed64']);
const UNSIGNED = new Set(['uint64', 'fixed64']);
const INTS = new Set(['int32', 'sint32', 'sfixed32', 'uint32', 'fixed32']);

/** 64 bits as protobufjs has them: two halves of 32. */
interface Halves {
  readonly low: number;
  readonly high: number;
}

/** How the numbers of a field come. */
export function numbersOf(field: protobuf.Field): 'long' | 'int' | 'float' | undefined {
  if (LONGS.has(field.type)) return 'long';
  if (INTS.has(field.type)) return 'int';
  return field.type === 'double' || field.type === 'float' ? 'float' : undefined;
}

/** Least and most of what a field of whole numbers holds, as far as a number of JavaScript is exact. */
export function rangeOf({ type }: protobuf.Field): readonly [number, number] {
  const unsigned = type.startsWith('u') || type.startsWith('fixed');
  if (LONGS.has(type)) return [unsigned ? 0 : -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  return unsigned ? [0, TWO_32 - 1] : [-TWO_32 / 2, TWO_32 / 2 - 1];
}

/** Reads 64 bits as a number. */
export function longReader(field: protobuf.Field, path: string): (value: Halves | number) => number {
  const unsigned = UNSIGNED.has(field.type);
  return (value) => {
    const number =
      typeof value === 'number' ? value : (unsigned ? value.high >>> 0 : value.high) * TWO_32 + (value.low >>> 0);
    if (Number.isSafeInteger(number)) return number;
    throw wrongField(path, `is ${number}`, 'a whole number from -(2^53 - 1) to 2^53 - 1');
  };
}

/** Reads the key of a map: protobufjs gives those of 64 bits as eight characters. */
export function mapKeyReader(field: protobuf.Field): (key: string) => string {
  const keyType = field instanceof protobuf.MapField ? field.keyType : 'string';
  if (!LONGS.has(keyType)) return (key) => key;
  const bits = (key: string): protobuf.util.LongBits => protobuf.util.LongBits.fromHash(key);
  return (key) => {
    const { lo, hi } = bits(key);
    return String(
      BigInt.asIntN(64, (BigInt(hi) << 32n) | BigInt(lo)) + (UNSIGNED.has(keyType) && hi >>> 31 === 1 ? 2n ** 64n : 0n),
    );
  };
}

/** Reads the number of an enum as its name. */
export function enumReader(field: protobuf.Field, path: string): (value: number) => string {
  const names = (field.resolvedType as protobuf.Enum).valuesById;
  return (value) => {
    const name = names[value];
    if (name === undefined) throw wrongField(path, `is ${value}`, `one of ${Object.values(names).join(', ')}`);
    return name;
  };
}

export const isEnum = (field: protobuf.Field): boolean => field.resolvedType instanceof protobuf.Enum;

/** The message that a field holds; `undefined`: it holds none. */
export function messageIn(field: protobuf.Field): protobuf.Type | undefined {
  return field.resolvedType instanceof protobuf.Type ? field.resolvedType : undefined;
}

/** Epoch milliseconds of a Timestamp; what is finer is cut off. */
export function timeReader(path: string): (value: { seconds: Halves | number; nanos: number }) => number {
  return ({ seconds, nanos }) => {
    const whole = typeof seconds === 'number' ? seconds : seconds.high * TWO_32 + (seconds.low >>> 0);
    const ms = whole * MS_PER_SECOND + Math.floor(nanos / NS_PER_MS);
    if (Number.isSafeInteger(ms)) return ms;
    throw wrongField(path, 'is out of range', 'a point in time in epoch milliseconds');
  };
}

export function timestampOf(ms: number): { readonly seconds: number; readonly nanos: number } {
  const seconds = Math.floor(ms / MS_PER_SECOND);
  return { seconds, nanos: (ms - seconds * MS_PER_SECOND) * NS_PER_MS };
}
