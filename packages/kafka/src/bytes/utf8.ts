import { isUtf8 } from 'node:buffer';

/** What decoding puts in place of bytes that are no UTF-8; it may also have been written. */
const REPLACEMENT = '\uFFFD';

/**
 * Bytes as text, `undefined` if they are no valid UTF-8. Some 5 times faster than TextDecoder for records of some hundred bytes:
 * text without a character above 255, such as ASCII, is searched for the replacement in no time.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  const text = bufferOf(bytes).toString('utf8');
  return text.includes(REPLACEMENT) && !isUtf8(bytes) ? undefined : text;
}

/** Text as UTF-8; small texts share a pool. */
export function utf8Of(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** The same bytes as a Buffer, which Node's and the client's functions want. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Text as UTF-8; bytes and nothing as they are. */
export function bytesOf(value: string | Uint8Array): Uint8Array;
export function bytesOf(value: string | Uint8Array | null): Uint8Array | null;
export function bytesOf(value: string | Uint8Array | null): Uint8Array | null {
  return typeof value === 'string' ? utf8Of(value) : value;
}
