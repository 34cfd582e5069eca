import { isUtf8 } from 'node:buffer';

/**
 * Bytes as text, `undefined` if they are no valid UTF-8. Some 5 times faster than TextDecoder for records of some hundred bytes.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? bufferOf(bytes).toString('utf8') : undefined;
}

/** Text as UTF-8; small texts share a pool. */
export function utf8Of(text: string): Uint8Array {
  return Buffer.from(text, 'utf8');
}

/** The same bytes as a Buffer, which Node's and the client's functions want. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
