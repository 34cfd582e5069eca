import { type ByteReader, corrupt } from './byte-reader.ts';
import * as tag from './value-tags.ts';

/**
 * Reads one value that `writeValue` wrote.
 *
 * @throws {MillraceError} `STATE_CORRUPT` for anything else
 */
export function readValue(reader: ByteReader, depth: number = 0): unknown {
  if (depth > tag.MAX_DEPTH) throw corrupt('it is nested too deeply');
  const kind = reader.byte();
  switch (kind) {
    case tag.NULL:
      return null;
    case tag.UNDEFINED:
      return undefined;
    case tag.FALSE:
      return false;
    case tag.TRUE:
      return true;
    case tag.POSITIVE:
      return reader.varint();
    case tag.NEGATIVE:
      return -reader.varint();
    case tag.FLOAT:
      return reader.float64();
    case tag.TEXT:
      return reader.utf8();
    case tag.TEXT16:
      return reader.utf16();
    case tag.POSITIVE_BIGINT:
      return readBigInt(reader);
    case tag.NEGATIVE_BIGINT:
      return -readBigInt(reader);
    default:
      return readObject(reader, kind, depth);
  }
}

function readObject(reader: ByteReader, kind: number, depth: number): unknown {
  switch (kind) {
    case tag.ARRAY:
      return readItems(reader, depth);
    case tag.OBJECT:
      return readFields(reader, depth, {});
    case tag.NULL_OBJECT:
      return readFields(reader, depth, Object.create(null) as Record<string, unknown>);
    case tag.DATE:
      // A value, not the clock.
      // oxlint-disable-next-line eslint/no-restricted-globals
      return new Date(reader.float64());
    case tag.MAP:
      return readMap(reader, depth);
    case tag.SET:
      return new Set(readItems(reader, depth));
    case tag.TYPED_ARRAY:
      return readTypedArray(reader);
    case tag.ARRAY_BUFFER:
      return reader.raw(reader.varint()).buffer;
    default:
      throw corrupt(`unknown kind of value ${kind}`);
  }
}

/** Every item takes at least one byte: a longer array cannot be, and is not made. */
function readCount(reader: ByteReader, what: string): number {
  const count = reader.varint();
  if (count > reader.rest) throw corrupt(`${what} of ${count} values does not fit`);
  return count;
}

function readItems(reader: ByteReader, depth: number): unknown[] {
  const length = readCount(reader, 'an array');
  const array: unknown[] = [];
  for (let i = 0; i < length; i++) array.push(readValue(reader, depth + 1));
  return array;
}

function readFields(reader: ByteReader, depth: number, object: Record<string, unknown>): Record<string, unknown> {
  const count = readCount(reader, 'an object');
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

function readMap(reader: ByteReader, depth: number): Map<unknown, unknown> {
  const size = readCount(reader, 'a Map');
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < size; i++) {
    const key = readValue(reader, depth + 1);
    map.set(key, readValue(reader, depth + 1));
  }
  return map;
}

function readBigInt(reader: ByteReader): bigint {
  const bytes = reader.raw(reader.varint());
  let digits = '0x0';
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0');
  return BigInt(digits);
}

function readTypedArray(reader: ByteReader): unknown {
  const kind = reader.byte();
  const type = tag.TYPED_ARRAYS[kind];
  if (type === undefined) throw corrupt(`unknown kind of typed array ${kind}`);
  const length = reader.varint();
  if (length % type.BYTES_PER_ELEMENT !== 0) throw corrupt(`${length} bytes are no whole number of elements`);
  return new type(tag.littleEndian(reader.raw(length), type.BYTES_PER_ELEMENT).buffer as ArrayBuffer);
}
