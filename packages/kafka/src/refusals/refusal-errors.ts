import { MillraceError } from 'millrace';
import type { GivenUpRecord, OutgoingRecord } from '../driver/driver.ts';
import { sizeOf } from '../bytes/record-size.ts';
import { cureOf, isOfSize } from './verdict.ts';

/** Longest part of a key that is shown, characters. */
const KEY_SHOWN = 100;
const decoder = new TextDecoder();

/** Why a record was not written, as the client says it. */
export interface Reason {
  /** Of the protocol, or of librdkafka. */
  readonly code: unknown;
  readonly text: string;
  /** Whether what was not written is a dead letter. */
  readonly ofLetter: boolean;
}

/** Of an error made by `kafkaError`. */
export function reasonOf(error: unknown, ofLetter: boolean = false): Reason {
  const { fields, cause, message } = error as Partial<MillraceError>;
  const inner = (cause as { readonly message?: string } | undefined)?.message;
  return { code: fields?.['kafka'], text: inner ?? message ?? String(error), ofLetter };
}

/** A record that its topic will never take: `onError` decides. */
export function refusedRecord(record: OutgoingRecord, reason: Reason): MillraceError {
  const { topic, timestamp } = record;
  const size = sizeOf(record);
  const at = timestamp === undefined ? '' : `, timestamp ${timestamp}`;
  return new MillraceError('RECORD_REFUSED', {
    message: `topic '${topic}' does not take the ${reason.ofLetter ? 'dead letter' : 'record'} ${keyOf(record.key)}, ${size} bytes${at}: ${told(reason)}`,
    fields: { topic, key: textOf(record.key), size, kafka: reason.code },
  });
}

/** Whether a topic does not take a record for its size. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof MillraceError && error.code === 'RECORD_REFUSED' && isOfSize(error.fields['kafka']);
}

/** A batch was refused: the job is rolled back, and the replay finds out which of its records is at fault. */
export function refusedBatch(
  { topic, partition, key, value }: GivenUpRecord,
  reason: Reason,
  counts: boolean,
): MillraceError {
  const size = (key?.length ?? 0) + (value?.length ?? 0);
  return new MillraceError(counts ? 'IO_FAILED' : 'RECORD_REFUSED', {
    message:
      `Kafka: ${topic}-${partition} refused records, such as the one ${keyOf(key)}, ${size} bytes; it or another one of its batch ` +
      `is at fault: ${told(reason)}`,
    fields: { topic, partition, key: textOf(key), size, kafka: reason.code },
    retryable: true,
  });
}

/** Nothing that is written to the topic will be taken. */
export function refusedTopic(topic: string, reason: Reason): MillraceError {
  return new MillraceError('IO_FAILED', {
    message: `Kafka: nothing can be written to topic '${topic}': ${told(reason)}`,
    fields: { topic, kafka: reason.code },
  });
}

function told({ code, text, ofLetter }: Reason): string {
  return `${text} (${String(code)}). ${cureOf(code, ofLetter)}`.trimEnd();
}

function keyOf(key: Uint8Array | null): string {
  return key === null || key.length === 0 ? 'without key' : `with key ${JSON.stringify(textOf(key))}`;
}

function textOf(key: Uint8Array | null): string | null {
  return key === null ? null : decoder.decode(key).slice(0, KEY_SHOWN);
}
