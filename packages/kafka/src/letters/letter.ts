import type { RecordHeader } from 'millrace';
import { textOf } from '../bytes/utf8.ts';
import type { Mark } from './mark.ts';
import { letterId, type ScannedRecord } from './scanned-record.ts';

/** Headers of a letter that say why it is here begin so; all others are the record's own. */
export const OWN_HEADERS = 'millrace.';

/** A dead letter as it lies in its topic: the record that failed, and why. */
export interface Letter {
  /** `<partition>-<offset>` in the topic of the letters. */
  readonly id: string;
  /** Epoch milliseconds: `millrace.time`, or the timestamp of the record where the letter has none; `null`: neither. */
  readonly time: number | null;
  /** Code of the error, such as `RECORD_MALFORMED`; `''` if the letter names none. */
  readonly code: string;
  readonly message: string;
  /** Whose function failed; absent where decoding failed. */
  readonly operator?: string;
  readonly source?: string;
  /** Where the record stood; absent of windows, and of records that did not come from Kafka. */
  readonly topic?: string;
  readonly partition?: string;
  readonly offset?: string;
  /** `start/end` of a window whose result failed: the letter stands for many records. */
  readonly window?: string;
  /** Bytes that the value had before it was cut. */
  readonly truncated?: string;
  /** Of the record, epoch milliseconds; `null`: none. */
  readonly timestamp: number | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Of the record, without those of the letter. */
  readonly headers: readonly RecordHeader[];
  /** What was done with it; absent: nothing. */
  readonly mark?: Mark;
}

/** Reads what `kafka.deadLetters` has written. */
export function letterOf(record: ScannedRecord): Letter {
  // The record may itself have been a letter: what was written last is why it is here now.
  const said = new Map(
    record.headers.filter(([name]) => name.startsWith(OWN_HEADERS)).map(([name, bytes]) => [name, textOf(bytes) ?? '']),
  );
  const time = Number(said.get('millrace.time') ?? NaN);
  // A topic with LogAppendTime gives letters a time of its own.
  const own = Number(said.get('millrace.timestamp') ?? record.timestamp);
  const timestamp = Number.isNaN(own) ? null : own;
  const named = {
    operator: said.get('millrace.operator'),
    source: said.get('millrace.source'),
    topic: said.get('millrace.topic'),
    partition: said.get('millrace.partition'),
    offset: said.get('millrace.offset'),
    window: said.get('millrace.window'),
    truncated: said.get('millrace.value.truncated'),
  };
  return {
    id: letterId(record.partition, record.offset),
    time: Number.isNaN(time) ? timestamp : time,
    code: said.get('millrace.error.code') ?? '',
    message: said.get('millrace.error.message') ?? '',
    ...present(named),
    timestamp,
    key: record.key,
    value: record.value,
    headers: record.headers.filter(([name]) => !name.startsWith(OWN_HEADERS)),
  };
}

type Present<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what is undefined. */
function present<T extends object>(fields: T): Present<T> {
  // Of its entries only those are kept that have a value, which is what the type says.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
