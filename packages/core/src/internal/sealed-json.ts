import { MillraceError } from '../errors/index.ts';
import { crc32c } from './crc32c.ts';

/*
 * A small file as text: JSON, and a checksum over it.
 *
 *   {"format":1,...}\n
 *   1f2e3d4c\n            CRC-32C of the JSON and its line end, eight hexadecimal digits
 *
 * Any other byte anywhere, or one too few or too many, is found.
 */
const SEAL_BYTES = 9;
const SEAL = /^[0-9a-f]{8}\n$/;

/** Checksum as eight hexadecimal digits. */
export function digestOf(bytes: Uint8Array): string {
  return hex(crc32c(bytes));
}

export function sealJson(value: unknown): Uint8Array {
  const text = `${JSON.stringify(value)}\n`;
  const encoder = new TextEncoder();
  return encoder.encode(`${text}${digestOf(encoder.encode(text))}\n`);
}

/**
 * What `sealJson` wrote.
 *
 * @param file for the error
 * @throws MillraceError `CHECKPOINT_TRUNCATED` where the end is missing, `CHECKPOINT_CORRUPT` for any other difference
 */
export function openSealedJson(bytes: Uint8Array, file: string): unknown {
  const end = bytes.length - SEAL_BYTES;
  const seal = end > 0 ? new TextDecoder('latin1').decode(bytes.subarray(end)) : '';
  if (!SEAL.test(seal)) {
    throw new MillraceError('CHECKPOINT_TRUNCATED', {
      message: `${file} ends before its checksum: it was cut short or changed. Restore the file, or go back to an older checkpoint.`,
      fields: { path: file },
    });
  }
  const json = bytes.subarray(0, end);
  if (digestOf(json) !== seal.slice(0, 8)) {
    throw new MillraceError('CHECKPOINT_CORRUPT', {
      message: `${file} is not what was written: its checksum is wrong. Restore the file, or go back to an older checkpoint.`,
      fields: { path: file },
    });
  }
  return JSON.parse(new TextDecoder().decode(json));
}

export function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
