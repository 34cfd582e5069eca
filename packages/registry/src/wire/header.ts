import { MillraceError } from 'millrace';
import type { Buffer } from 'node:buffer';

/*
 * Confluent's wire format:
 *
 *   byte 0   1..4           5..
 *   +------+--------------+-----------------------------------------------+
 *   |  0   | schema id    | Avro and JSON: the value                      |
 *   |      | big-endian   | Protobuf: message indexes, then the message   |
 *   +------+--------------+-----------------------------------------------+
 */

export const HEADER_BYTES = 5;

const MAGIC = 0;

/** Whether a value begins as one that was written through a registry. */
export function hasHeader(bytes: Uint8Array): boolean {
  return bytes.length >= HEADER_BYTES && bytes[0] === MAGIC;
}

/** The schema id of a value that has a header. */
export function idOf(bytes: Uint8Array): number {
  // Inside, because the length was checked.
  const [b1, b2, b3, b4] = [bytes[1] as number, bytes[2] as number, bytes[3] as number, bytes[4] as number];
  return b1 * 0x1000000 + ((b2 << 16) | (b3 << 8) | b4);
}

export function writeHeader(into: Buffer, id: number): void {
  into[0] = MAGIC;
  into.writeUInt32BE(id, 1);
}

/** Why a value has no schema id. */
export function noHeader(bytes: Uint8Array): MillraceError {
  const what =
    bytes.length === 0
      ? 'the record has no value (a tombstone); leave it out by a format that knows tombstones'
      : bytes.length < HEADER_BYTES
        ? `the value has ${bytes.length} bytes, too few for magic byte and schema id`
        : `the value begins with byte ${bytes[0]}, not with the magic byte 0`;
  return new MillraceError('RECORD_MALFORMED', {
    message: `${what}: it was not written in the wire format of a schema registry`,
  });
}
