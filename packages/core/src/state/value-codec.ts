import { ByteReader, corrupt } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readValue } from './value-reader.ts';
import { writeValue } from './value-writer.ts';

/** `value` as bytes. Throws `STATE_UNENCODABLE` naming the path within the value. */
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
