import { createHash } from 'node:crypto';
import type { RecordHeader } from 'millrace';
import { textOf, utf8Of } from '../../bytes/utf8.ts';

/*
 * A frame: records that became durable together, by one fsync.
 *
 *   bytes 0..3    "MRQ1"
 *         4..7    length of the body
 *         8..15   checksum of bytes 0..7
 *        16..     body: records, one after the other
 *   last 8 bytes  checksum of the body
 *
 * A record: sequence number and timestamp (float64), partition, length of the key, length of the value (int32, -1: none), number of
 * headers (uint32), key, value, and of each header the length of its name, the name, the length of its value, the value. Numbers are
 * little endian; checksums are the first 8 bytes of SHA-256. FROZEN: files of earlier processes are read with it.
 */

/** A record as the queue keeps it. */
export interface QueuedRecord {
  /** Number in its topic's queue. */
  readonly seq: number;
  /** As given; `undefined`: by the key, or any. */
  readonly partition: number | undefined;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly headers: readonly RecordHeader[];
}

/** How a frame begins. */
export const MAGIC = utf8Of('MRQ1');
const SUM_BYTES = 8;
export const HEAD_BYTES = 16;
/** Of a record, beside what it holds. */
const FIXED_BYTES = 32;
/** Bytes of a frame beside its records. */
export const FRAME_BYTES = HEAD_BYTES + SUM_BYTES;

/** Bytes that a record takes in a frame. */
export function queuedBytes({ key, value, headers }: Pick<QueuedRecord, 'key' | 'value' | 'headers'>): number {
  let size = FIXED_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, bytes] of headers) size += 8 + utf8Of(name).length + bytes.length;
  return size;
}

export function encodeFrame(records: readonly QueuedRecord[]): Uint8Array {
  const length = records.reduce((sum, record) => sum + queuedBytes(record), 0);
  const frame = new Uint8Array(length + FRAME_BYTES);
  const view = new DataView(frame.buffer);
  frame.set(MAGIC, 0);
  view.setUint32(4, length, true);
  frame.set(sumOf(frame.subarray(0, 8)), 8);
  const end = records.reduce((at, record) => write(frame, view, at, record), HEAD_BYTES);
  frame.set(sumOf(frame.subarray(HEAD_BYTES, end)), end);
  return frame;
}

function write(frame: Uint8Array, view: DataView, start: number, record: QueuedRecord): number {
  const { seq, timestamp, partition = -1, key, value, headers } = record;
  view.setFloat64(start, seq, true);
  view.setFloat64(start + 8, timestamp, true);
  view.setInt32(start + 16, partition, true);
  view.setInt32(start + 20, key?.length ?? -1, true);
  view.setInt32(start + 24, value?.length ?? -1, true);
  view.setUint32(start + 28, headers.length, true);
  let at = start + FIXED_BYTES;
  const put = (bytes: Uint8Array): void => {
    frame.set(bytes, at);
    at += bytes.length;
  };
  if (key !== null) put(key);
  if (value !== null) put(value);
  for (const [name, bytes] of headers) {
    for (const part of [utf8Of(name), bytes]) {
      view.setUint32(at, part.length, true);
      at += 4;
      put(part);
    }
  }
  return at;
}

/** Length of the body of the frame that begins with `head`; `undefined`: none does. */
export function bodyLength(head: Uint8Array): number | undefined {
  if (head.length < HEAD_BYTES || !same(head.subarray(0, 4), MAGIC)) return undefined;
  if (!same(head.subarray(8, HEAD_BYTES), sumOf(head.subarray(0, 8)))) return undefined;
  return viewOf(head).getUint32(4, true);
}

/** The records of a frame, given all of it; `undefined`: it is not what was written. */
export function decodeFrame(frame: Uint8Array): readonly QueuedRecord[] | undefined {
  const length = bodyLength(frame);
  if (length === undefined || frame.length < length + FRAME_BYTES) return undefined;
  const end = HEAD_BYTES + length;
  if (!same(frame.subarray(end, end + SUM_BYTES), sumOf(frame.subarray(HEAD_BYTES, end)))) return undefined;
  const records: QueuedRecord[] = [];
  const view = viewOf(frame);
  for (let at = HEAD_BYTES; at < end;) {
    const [record, next] = read(frame, view, at);
    records.push(record);
    at = next;
  }
  return records;
}

function read(frame: Uint8Array, view: DataView, start: number): readonly [QueuedRecord, number] {
  let at = start + FIXED_BYTES;
  const take = (length: number): Uint8Array => frame.slice(at, (at += length));
  const sized = (): Uint8Array => {
    const length = view.getUint32(at, true);
    at += 4;
    return take(length);
  };
  const partition = view.getInt32(start + 16, true);
  const [keyLength, valueLength] = [view.getInt32(start + 20, true), view.getInt32(start + 24, true)];
  const key = keyLength < 0 ? null : take(keyLength);
  const value = valueLength < 0 ? null : take(valueLength);
  const headers: RecordHeader[] = [];
  for (let left = view.getUint32(start + 28, true); left > 0; left--) headers.push([textOf(sized()) ?? '', sized()]);
  const [seq, timestamp] = [view.getFloat64(start, true), view.getFloat64(start + 8, true)];
  return [{ seq, timestamp, partition: partition < 0 ? undefined : partition, key, value, headers }, at];
}

/*
 * Numbers of records that were delivered: count (uint32), as many distances to the first number of the segment (uint32), checksum of
 * both. Not made durable: what is lost of it is delivered once more.
 */

export function encodeDone(distances: readonly number[]): Uint8Array {
  const body = new Uint8Array(4 + 4 * distances.length);
  const view = viewOf(body);
  view.setUint32(0, distances.length, true);
  distances.forEach((distance, i) => view.setUint32(4 + 4 * i, distance, true));
  const whole = new Uint8Array(body.length + SUM_BYTES);
  whole.set(body);
  whole.set(sumOf(body), body.length);
  return whole;
}

/** What is legible up to the first damage. */
export function decodeDone(bytes: Uint8Array): readonly number[] {
  const distances: number[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + 4 * view.getUint32(at, true);
    if (end + SUM_BYTES > bytes.length) break;
    if (!same(bytes.subarray(end, end + SUM_BYTES), sumOf(bytes.subarray(at, end)))) break;
    for (let i = at + 4; i < end; i += 4) distances.push(view.getUint32(i, true));
    at = end + SUM_BYTES;
  }
  return distances;
}

function sumOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest().subarray(0, SUM_BYTES);
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
