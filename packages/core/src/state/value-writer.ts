import { MillraceError } from '../errors/index.ts';
import type { ValueOutput } from '../model/index.ts';
import type { ByteWriter } from './byte-writer.ts';
import * as tag from './value-tags.ts';

const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Appends `value`.
 *
 * @param path what the value is, for the error
 * @throws {MillraceError} `STATE_UNENCODABLE` naming the path within the value, if a part of it cannot be written exactly
 */
export function writeValue(writer: ByteWriter, value: unknown, path: string = 'value', depth: number = 0): void {
  if (value === null) writer.byte(tag.NULL);
  else if (value === undefined) writer.byte(tag.UNDEFINED);
  else if (typeof value === 'number') writeNumber(writer, value);
  else if (typeof value === 'string') writeText(writer, value);
  else if (typeof value === 'boolean') writer.byte(value ? tag.TRUE : tag.FALSE);
  else if (typeof value === 'bigint') writeBigInt(writer, value);
  else if (typeof value === 'object') writeObject(writer, value, path, depth);
  else throw unencodable(path, `a ${typeof value}`);
}

/** Appends values piece by piece: arrays whose items follow need not be looked at for holes and further fields. */
export class PieceWriter implements ValueOutput {
  private readonly writer: ByteWriter;

  constructor(writer: ByteWriter) {
    this.writer = writer;
  }

  array(length: number): void {
    this.writer.byte(tag.ARRAY);
    this.writer.varint(length);
  }

  value(value: unknown): void {
    if (typeof value === 'number') writeNumber(this.writer, value);
    else writeValue(this.writer, value);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    writer.byte(value < 0 ? tag.NEGATIVE : tag.POSITIVE);
    writer.varint(Math.abs(value));
  } else {
    writer.byte(tag.FLOAT);
    writer.float64(value);
  }
}

function writeText(writer: ByteWriter, text: string): void {
  if (writer.ascii(tag.TEXT, text)) return;
  if (LONE_SURROGATE.test(text)) {
    writer.byte(tag.TEXT16);
    writer.utf16(text);
  } else {
    writer.byte(tag.TEXT);
    writer.utf8(text);
  }
}

function writeBigInt(writer: ByteWriter, value: bigint): void {
  const digits = (value < 0n ? -value : value).toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  const bytes = new Uint8Array(even.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(even.slice(2 * i, 2 * i + 2), 16);
  writer.byte(value < 0n ? tag.NEGATIVE_BIGINT : tag.POSITIVE_BIGINT);
  writer.varint(bytes.length);
  writer.raw(bytes);
}

function writeObject(writer: ByteWriter, value: object, path: string, depth: number): void {
  if (depth >= tag.MAX_DEPTH) {
    throw unencodable(path, `nested deeper than ${tag.MAX_DEPTH} levels, or part of a circle`);
  }
  // Exactly these: an instance of a subclass would come back as something else.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) writeFields(writer, tag.OBJECT, value, path, depth);
  else if (prototype === Array.prototype) writeArray(writer, value as readonly unknown[], path, depth);
  else if (prototype === null) writeFields(writer, tag.NULL_OBJECT, value, path, depth);
  else if (prototype === Map.prototype) writeMap(writer, value as ReadonlyMap<unknown, unknown>, path, depth);
  else if (prototype === Set.prototype) writeSet(writer, value as ReadonlySet<unknown>, path, depth);
  // A value, not the clock.
  // oxlint-disable-next-line eslint/no-restricted-globals
  else if (prototype === Date.prototype) {
    writer.byte(tag.DATE);
    writer.float64((value as { getTime(): number }).getTime());
  } else writeBytes(writer, value, prototype, path);
  refuseMore(value, path);
}

function writeArray(writer: ByteWriter, array: readonly unknown[], path: string, depth: number): void {
  writer.byte(tag.ARRAY);
  writer.varint(array.length);
  for (let i = 0; i < array.length; i++) {
    const item = array[i];
    if (item === undefined && !(i in array)) throw unencodable(`${path}[${i}]`, 'a hole in an array');
    writeValue(writer, item, `${path}[${i}]`, depth + 1);
  }
  if (Object.keys(array).length > array.length) throw unencodable(path, 'an array with fields of its own');
}

function writeFields(writer: ByteWriter, kind: number, value: object, path: string, depth: number): void {
  const entries = Object.entries(value);
  writer.byte(kind);
  writer.varint(entries.length);
  for (const [name, field] of entries) {
    writeText(writer, name);
    writeValue(writer, field, `${path}.${name}`, depth + 1);
  }
}

function writeMap(writer: ByteWriter, map: ReadonlyMap<unknown, unknown>, path: string, depth: number): void {
  writer.byte(tag.MAP);
  writer.varint(map.size);
  for (const [key, item] of map) {
    const shown = typeof key === 'object' ? '{...}' : String(key);
    writeValue(writer, key, `${path}.key(${shown})`, depth + 1);
    writeValue(writer, item, `${path}.get(${shown})`, depth + 1);
  }
}

function writeSet(writer: ByteWriter, set: ReadonlySet<unknown>, path: string, depth: number): void {
  writer.byte(tag.SET);
  writer.varint(set.size);
  let i = 0;
  for (const item of set) writeValue(writer, item, `${path}.item(${i++})`, depth + 1);
}

function writeBytes(writer: ByteWriter, value: object, prototype: unknown, path: string): void {
  if (prototype === ArrayBuffer.prototype) {
    const bytes = new Uint8Array(value as ArrayBuffer);
    writer.byte(tag.ARRAY_BUFFER);
    writer.varint(bytes.length);
    writer.raw(bytes);
    return;
  }
  const kind = tag.TYPED_ARRAYS.findIndex((type) => type.prototype === prototype);
  const type = tag.TYPED_ARRAYS[kind];
  if (type === undefined) throw unencodable(path, `an instance of ${className(value)}`);
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  writer.byte(tag.TYPED_ARRAY);
  writer.byte(kind);
  writer.varint(byteLength);
  writer.raw(tag.littleEndian(new Uint8Array(buffer, byteOffset, byteLength), type.BYTES_PER_ELEMENT));
}

/** What `Object.entries` does not show would be lost. */
function refuseMore(value: object, path: string): void {
  if (Object.getOwnPropertySymbols(value).length > 0) throw unencodable(path, 'an object with symbol keys');
  if (!ArrayBuffer.isView(value) && !Array.isArray(value)) {
    if (Object.getOwnPropertyNames(value).length !== Object.keys(value).length) {
      throw unencodable(path, 'an object with hidden fields');
    }
    if ((value instanceof Map || value instanceof Set) && Object.keys(value).length > 0) {
      throw unencodable(path, `a ${className(value)} with fields of its own`);
    }
  }
}

function className(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : 'a class';
}

export function unencodable(path: string, what: string): MillraceError {
  return new MillraceError('STATE_UNENCODABLE', {
    message:
      `${path} is ${what}, which cannot be kept in state. Use null, booleans, numbers, bigints, text, arrays, ` +
      'plain objects, Map, Set, Date and typed arrays.',
    fields: { path },
  });
}
