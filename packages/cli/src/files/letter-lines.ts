import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { MillraceError } from 'millrace';
import type { Letter } from '../letters.ts';

const NEW_LINE = 0x0a;
const PRINT_LENGTH = 22;

/** A line of a file, without its end. */
export interface Line {
  /** From 1 on. */
  readonly number: number;
  readonly bytes: Buffer;
}

/** The lines of a file; empty ones are counted, and left out. */
export async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest: Buffer[] = [];
  let number = 1;
  // A stream of a file without encoding is one of buffers.
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(NEW_LINE); end >= 0; end = chunk.indexOf(NEW_LINE, from)) {
      const bytes = Buffer.concat([...rest, chunk.subarray(from, end)]);
      rest = [];
      from = end + 1;
      if (bytes.length > 0) yield { number, bytes };
      number++;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  const bytes = Buffer.concat(rest);
  if (bytes.length > 0) yield { number, bytes };
}

/** Fingerprint of a letter. */
export function printOf({ bytes }: Line): string {
  return createHash('sha256').update(bytes).digest('base64url').slice(0, PRINT_LENGTH);
}

/** What `deadLetter(ndjson.sink(...))` writes, as far as it is looked at here. */
interface WrittenLetter {
  readonly source?: string;
  readonly partition?: string;
  readonly position?: number;
  readonly operator?: string;
  readonly key?: string;
  readonly window?: { readonly start: number; readonly end: number };
  readonly code: string;
  readonly message: string;
  readonly time?: number | null;
  readonly raw?: string;
  readonly raw_base64?: string;
}

/**
 * Reads a line of a file of dead letters.
 *
 * @throws MillraceError `RECORD_MALFORMED`
 */
export function letterOf(id: string, { bytes }: Line): Letter {
  let read: WrittenLetter | null;
  try {
    // Checked below, as far as this program goes by it.
    read = JSON.parse(bytes.toString('utf8')) as WrittenLetter | null;
  } catch {
    read = null;
  }
  if (typeof read?.code !== 'string' || typeof read.message !== 'string')
    throw new MillraceError('RECORD_MALFORMED', {
      message:
        `${id} is no dead letter: a line of JSON with code and message. ` +
        'Is it the folder that deadLetter(ndjson.sink(...)) writes to?',
      fields: { id },
    });
  const { source, partition, position, operator, key, window, code, message, time = null } = read;
  return {
    ...{ id, time, code, message },
    ...(operator !== undefined && { operator }),
    ...(source !== undefined && { source }),
    ...(partition !== undefined && partition !== '' && { partition }),
    ...(position !== undefined && position >= 0 && { offset: String(position) }),
    ...(window !== undefined && { window: `${window.start}/${window.end}` }),
    timestamp: null,
    key: key === undefined ? null : Buffer.from(key),
    value: valueOf(read),
    headers: [],
  };
}

function valueOf({ raw, raw_base64: base64 }: WrittenLetter): Uint8Array | null {
  if (raw !== undefined) return Buffer.from(raw);
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}
