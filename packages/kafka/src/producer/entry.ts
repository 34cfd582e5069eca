import type { Delivered } from './producer-types.ts';
import type { EncodedRecord } from './encode-record.ts';
import { FRAME_BYTES, queuedBytes } from './queue/frame.ts';

/** A promise and its ends. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: Error): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** Who waits for what becomes of an event. */
export interface Waiting {
  /** It is safe: durable, or delivered. */
  readonly accepted: Deferred<void> | undefined;
  readonly delivered: Deferred<Delivered> | undefined;
}

/** An event in memory. */
export interface Entry extends Waiting {
  readonly seq: number;
  readonly record: EncodedRecord;
  /** What it takes in a queue, at most. */
  readonly bytes: number;
  /** By the monotonic clock, milliseconds. */
  readonly sinceMs: number;
  /** Whether it is in the queue on disk. */
  durable: boolean;
  /** Whether it was in a batch that was refused: it is sent alone, to know which record is at fault. */
  suspect: boolean;
  /** Whether the cluster will never take it, and it is only to be kept elsewhere. */
  refused: boolean;
}

/** What an event in memory costs beside what it holds, bytes: objects and promises. */
export const EVENT_BYTES = 600;

/** What an event takes in a queue, at most, bytes. */
export function entryBytes(record: EncodedRecord): number {
  return queuedBytes(record) + FRAME_BYTES;
}

export function entryOf(
  seq: number,
  record: EncodedRecord,
  sinceMs: number,
  { accepted, delivered }: Waiting,
  durable: boolean = false,
  bytes: number = entryBytes(record),
): Entry {
  return { seq, record, bytes, sinceMs, durable, suspect: false, refused: false, accepted, delivered };
}

export const NOBODY: Waiting = { accepted: undefined, delivered: undefined };
