import { MillraceError } from '../errors/index.ts';
import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/*
 * The self-describing codec of values in state. One byte says what follows:
 *
 *   0 null    1 undefined    2 false    3 true
 *   4 integer >= 0: varint            5 integer < 0: varint of its absolute value
 *   6 any other number: 8 bytes, IEEE 754, big endian (fractions, -0, NaN, infinities, beyond 2^53)
 *   7 text: varint length, UTF-8      8 text with lone surrogates: varint length, UTF-16 units, big endian
 *   9 array: varint length, values   10 plain object: varint number of fields, then (text, value) each
 *
 * Numbers of these tags are part of the format on disk: never reuse one.
 */
const NULL = 0;
const UNDEFINED = 1;
const FALSE = 2;
const TRUE = 3;
const POSITIVE = 4;
const NEGATIVE = 5;
const FLOAT = 6;
const TEXT = 7;
const TEXT16 = 8;
const ARRAY = 9;
const OBJECT = 10;

/** Deeper values are refused: they would overflow the stack of whoever reads them. */
const MAX_DEPTH = 200;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Appends `value`. Throws `STATE_UNENCODABLE` naming the path within the value. */
export function writeValue(writer: ByteWriter, value: unknown, path: string = 'value', depth: number = 0): void {
  if (value === null) writer.byte(NULL);
  else if (value === undefined) writer.byte(UNDEFINED);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') writeText(writer, value);
  else if (typeof value === 'boolean') writer.byte(value ? TRUE : FALSE);
  else if (typeof value === 'object') writeObject(writer, value, path, depth);
  else throw unencodable(path, `a ${typeof value}`);
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writer.byte(value < 0 ? NEGATIVE : POSITIVE);
    writer.varint(Math.abs(value));
  } else {
    writer.byte(FLOAT);
    writer.float64(value);
  }
}

function writeText(writer: ByteWriter, text: string): void {
  if (LONE_SURROGATE.test(text)) {
    writer.byte(TEXT16);
    writer.utf16(text);
  } else {
    writer.byte(TEXT);
    writer.utf8(text);
  }
}

function writeObject(writer: ByteWriter, value: object, path: string, depth: number): void {
  if (depth >= MAX_DEPTH) throw unencodable(path, `nested deeper than ${MAX_DEPTH} levels, or part of a circle`);
  if (Array.isArray(value)) {
    writer.byte(ARRAY);
    writer.varint(value.length);
    for (let i = 0; i < value.length; i++) writeValue(writer, value[i], `${path}[${i}]`, depth + 1);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null)
    throw unencodable(path, `an instance of ${className(value)}`);
  if (Object.getOwnPropertySymbols(value).length > 0) throw unencodable(path, 'an object with symbol keys');
  const entries = Object.entries(value);
  writer.byte(OBJECT);
  writer.varint(entries.length);
  for (const [name, field] of entries) {
    writeText(writer, name);
    writeValue(writer, field, `${path}.${name}`, depth + 1);
  }
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'a class';
}

function unencodable(path: string, what: string): MillraceError {
  return new MillraceError('STATE_UNENCODABLE', {
    message: `${path} is ${what}, which cannot be kept in state. Use null, booleans, numbers, text, arrays and plain objects.`,
    fields: { path },
  });
}

/** Reads one value that `writeValue` wrote. */
export function readValue(reader: ByteReader, depth: number = 0): unknown {
  if (depth > MAX_DEPTH) throw corrupt('it is nested too deeply');
  const tag = reader.byte();
  switch (tag) {
    case NULL:
      return null;
    case UNDEFINED:
      return undefined;
    case FALSE:
      return false;
    case TRUE:
      return true;
    case POSITIVE:
      return reader.varint();
    case NEGATIVE:
      return -reader.varint();
    case FLOAT:
      return reader.float64();
    case TEXT:
      return reader.utf8();
    case TEXT16:
      return reader.utf16();
    case ARRAY:
      return readArray(reader, depth);
    case OBJECT:
      return readObject(reader, depth);
    default:
      throw corrupt(`unknown kind of value ${tag}`);
  }
}

function readArray(reader: ByteReader, depth: number): unknown[] {
  const length = reader.varint();
  if (length > reader.rest) throw corrupt(`an array of ${length} values does not fit`);
  const array: unknown[] = [];
  for (let i = 0; i < length; i++) array.push(readValue(reader, depth + 1));
  return array;
}

function readObject(reader: ByteReader, depth: number): Record<string, unknown> {
  const count = reader.varint();
  const object: Record<string, unknown> = {};
  for (let i = 0; i < count; i++) {
    const name = readValue(reader, depth + 1);
    if (typeof name !== 'string') throw corrupt('the name of a field is not text');
    const value = readValue(reader, depth + 1);
    // Assigning to __proto__ would change the prototype instead of adding a field.
    if (name === '__proto__')
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    else object[name] = value;
  }
  return object;
}

/** `value` as bytes. */
export function encodeValue(value: unknown): Uint8Array {
  const writer = new ByteWriter();
  writeValue(writer, value);
  return writer.take();
}

/** The value of `encodeValue`'s bytes; bytes left over are an error. */
export function decodeValue(bytes: Uint8Array): unknown {
  const reader = new ByteReader(bytes);
  const value = readValue(reader);
  if (reader.rest > 0) throw corrupt(`${reader.rest} bytes left over`);
  return value;
}
