import type { ErrorCode } from '../errors/index.ts';

/**
 * A record that could not be processed, with all that is needed to find out why and to try again.
 */
export interface DeadLetter {
  /**
   * Name of the source in the graph. Of a window that could not be fired, or whose result an operator or sink behind it could not
   * take: name of the window's operator, with `''` as partition and -1 as position, since many records went into it.
   */
  readonly source: string;
  /** Partition the record came from: the path of a file, the number of a topic's partition, ... */
  readonly partition: string;
  /** Where the record stands in its partition: byte offset of the line in the uncompressed file, Kafka offset, index. */
  readonly position: number;
  /** Operator whose user function failed; absent where decoding failed. */
  readonly operator?: string;
  /** Key whose window could not be fired, as JSON. */
  readonly key?: string;
  /** Window that could not be fired; `raw` is what it held, as JSON. */
  readonly window?: { readonly start: number; readonly end: number };
  /** Code of the error. */
  readonly code: ErrorCode;
  /** Message of the error: field, actual value, what was expected. */
  readonly message: string;
  /**
   * Epoch milliseconds. Live sources: when it happened. Bounded sources: the event time their partition had reached, so
   * that a replay writes the same dead letters; `null` before its first record.
   */
  readonly time: number | null;
  /** The record as it was read, where it is valid UTF-8 text (or can be written as JSON). */
  readonly raw?: string;
  /** The record as it was read, Base64, where it is not valid UTF-8. */
  readonly raw_base64?: string;
  /** The record as it came, for sinks that hand it on unchanged; it is no part of the letter's JSON. */
  readonly original?: OriginalRecord;
}

/** A record as its source got it, with all that belongs to it. */
export interface OriginalRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
  /** What it was read from: a topic and the number of its partition, and where it stands there. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Keeps it out of JSON. */
  toJSON(): undefined;
}

/** A name and bytes that travel with a record; names may be repeated. */
export type RecordHeader = readonly [name: string, value: Uint8Array];

/** The unread form of a record, as a connector keeps it for a dead letter. */
export type RawRecord = string | Uint8Array;
