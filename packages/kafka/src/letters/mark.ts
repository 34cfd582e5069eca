import { createHash } from 'node:crypto';
import { MillraceError } from 'millrace';
import { textOf, utf8Of } from '../bytes/utf8.ts';
import type { NewTopic, OutgoingRecord } from '../driver/driver.ts';
import { letterId, type ScannedRecord } from './scanned-record.ts';

/** What was done with a letter. */
export interface Mark {
  readonly state: 'retried' | 'dropped';
  /** When, epoch milliseconds. */
  readonly at: number;
  /** Topic that it was given back to. */
  readonly to?: string;
  /** Why it was dropped. */
  readonly reason?: string;
}

/*
 * The format of the topic of marks, version 1. One record for each letter that something was done with:
 *
 *   key    "<partition>-<offset>" of the letter
 *   value  {"version":1,"state":"retried","at":1767600000000,"print":"mJ3...","to":"orders.created"}
 *
 * It is compacted, so it keeps the last mark of each letter for ever. `print` is a fingerprint of the letter: a topic of letters that was
 * deleted and made anew counts its offsets from 0 again, and its new letters are not those that were marked.
 */
const VERSION = 1;
const PRINT_LENGTH = 22;

/** Name of the topic that holds the marks of a topic of letters, and of the transactions that write them. */
export function marksTopic(letters: string): string {
  return `millrace-dlq.${letters}`;
}

/** How it is made: one partition, as it is read as a whole; kept for ever, one mark for each letter. */
export function newMarksTopic(letters: string): NewTopic {
  const config = { 'cleanup.policy': 'compact', 'retention.ms': '-1', 'max.message.bytes': '10000000' };
  return { name: marksTopic(letters), partitions: 1, replication: -1, config };
}

/** Fingerprint of a letter: timestamp, key, value and headers. */
export function printOf({ timestamp, key, value, headers }: ScannedRecord): string {
  const hash = createHash('sha256').update(`${timestamp}`);
  const add = (name: string, bytes: Uint8Array | null): void => {
    hash.update(`\n${name} ${bytes === null ? 'none' : bytes.length} `);
    if (bytes !== null) hash.update(bytes);
  };
  add('key', key);
  add('value', value);
  for (const [name, bytes] of headers) add(name, bytes);
  return hash.digest('base64url').slice(0, PRINT_LENGTH);
}

/** The record that marks a letter. */
export function markRecord(letters: string, letter: ScannedRecord, mark: Mark): OutgoingRecord {
  return {
    topic: marksTopic(letters),
    partition: 0,
    key: utf8Of(letterId(letter.partition, letter.offset)),
    value: utf8Of(JSON.stringify({ version: VERSION, print: printOf(letter), ...mark })),
    timestamp: undefined,
    headers: [],
  };
}

/** All marks of a topic of letters. */
export class Marks {
  private readonly topic: string;
  private readonly marks = new Map<string, Mark & { readonly print: string }>();

  constructor(letters: string) {
    this.topic = marksTopic(letters);
  }

  /** @throws MillraceError `STATE_CORRUPT` for a record that is no mark, `CHECKPOINT_VERSION` for one of another version */
  add({ key, value, offset }: ScannedRecord): void {
    const id = key === null ? undefined : textOf(key);
    const text = value === null ? undefined : textOf(value);
    if (id === undefined || text === undefined) throw this.noMark(offset);
    let read: Mark & { readonly print: string; readonly version: number };
    try {
      // Checked below, as far as this program goes by it.
      read = JSON.parse(text) as typeof read;
    } catch {
      throw this.noMark(offset);
    }
    if (typeof read !== 'object' || read === null || typeof read.version !== 'number') throw this.noMark(offset);
    const { version, ...mark } = read;
    if (version !== VERSION)
      throw new MillraceError('CHECKPOINT_VERSION', {
        message: `topic '${this.topic}', offset ${offset}: a mark of version ${version}, but this program reads version ${VERSION}. Use the newer one.`,
      });
    if (typeof mark.print !== 'string' || !['retried', 'dropped'].includes(mark.state)) throw this.noMark(offset);
    this.marks.set(id, mark);
  }

  /** The mark of a letter; that of a letter which had its place before is none. */
  of(letter: ScannedRecord): Mark | undefined {
    const found = this.marks.get(letterId(letter.partition, letter.offset));
    if (found === undefined || found.print !== printOf(letter)) return undefined;
    const { print: _, ...mark } = found;
    return mark;
  }

  private noMark(offset: number): MillraceError {
    return new MillraceError('STATE_CORRUPT', {
      message: `topic '${this.topic}', offset ${offset}: this record is no mark of a letter. Nothing but 'millrace dlq' writes to this topic.`,
    });
  }
}
