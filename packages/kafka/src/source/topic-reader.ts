import {
  messageOf,
  MillraceError,
  type OriginalRecord,
  type PollResult,
  type RejectedRecord,
  type SourceReader,
} from 'millrace';
import type { ConsumerDriver } from '../driver/driver.ts';
import type { EndsWatch } from './ends-watch.ts';
import type { Fetcher } from './fetcher.ts';
import { originalOf } from './original.ts';
import type { PartitionQueue, QueuePosition, Run } from './partition-queue.ts';

/** Makes a value of a record; throws if it cannot. */
export type RecordDecoder = (bytes: Uint8Array, records: Run['records'], index: number) => unknown;

/** What a reader is made of. */
export interface ReaderParts {
  readonly queues: PartitionQueue[];
  /** Partitions of the last checkpoint that are no more. */
  readonly gone?: readonly string[];
  readonly consumer: ConsumerDriver;
  readonly fetcher: Fetcher;
  readonly decode: RecordDecoder;
  readonly watch: EndsWatch | undefined;
  /** What else ends with the reader. */
  readonly close: () => Promise<void>;
}

const NO_BYTES = new Uint8Array(0);

/** Hands over the records of partitions, each in order of offsets. A position is `{ offset, end? }`. */
export class TopicReader implements SourceReader<unknown> {
  readonly partitions: { readonly id: string; readonly position: QueuePosition }[];
  readonly gone: readonly string[];
  private readonly parts: ReaderParts;
  // One batch object's worth of arrays, used again for every batch.
  private readonly values: unknown[] = [];
  private rows = new Int32Array(0);
  private offsets = new Float64Array(0);
  private timestamps = new Float64Array(0);
  /** The run of the last batch, and how much of it the batch was: valid until the next poll. */
  private given: Run | undefined;
  private givenFrom = 0;

  constructor(parts: ReaderParts) {
    this.parts = parts;
    this.gone = parts.gone ?? [];
    this.partitions = parts.queues.map(({ id, position }) => ({ id, position }));
  }

  /** A partition that has appeared since. */
  add(queue: PartitionQueue): void {
    this.parts.queues.push(queue);
    this.partitions.push({ id: queue.id, position: queue.position });
  }

  poll(partition: number, maxRecords: number): PollResult<unknown> {
    const { fetcher } = this.parts;
    if (fetcher.failure !== undefined) throw fetcher.failure;
    this.releaseGiven();
    const queue = this.parts.queues[partition] as PartitionQueue;
    if (queue.ended) return 'end';
    const { run } = queue;
    if (run === undefined) {
      fetcher.starve(queue.atEnd);
      return 'pending';
    }
    return this.batch(queue, run, maxRecords);
  }

  caughtUp(partition: number): boolean {
    return this.parts.watch?.caughtUp(this.parts.queues[partition] as PartitionQueue) ?? false;
  }

  lag(partition: number): number | undefined {
    const queue = this.parts.queues[partition] as PartitionQueue;
    if (queue.end !== Infinity) return queue.ended ? 0 : queue.end - queue.next;
    return this.parts.watch?.lag(queue);
  }

  async close(): Promise<void> {
    this.parts.watch?.close();
    this.parts.fetcher.close();
    await this.parts.consumer.close();
    await this.parts.close();
  }

  private batch(queue: PartitionQueue, run: Run, maxRecords: number): PollResult<unknown> {
    const { records } = run;
    const most = Math.min(maxRecords, run.to - run.from);
    if (this.rows.length < most) this.grow(most);
    const { values, rows, offsets, timestamps } = this;
    const { decode } = this.parts;
    let rejected: RejectedRecord[] | undefined;
    let count = 0;
    let bytes = 0;
    let next = queue.next;
    for (let taken = 0; taken < most; taken++) {
      const index = run.from + taken;
      const offset = records.offset(index);
      const value = records.value(index) ?? NO_BYTES;
      next = offset + 1;
      bytes += value.length;
      try {
        values[count] = decode(value, records, index);
        rows[count] = index;
        offsets[count] = offset;
        timestamps[count] = records.timestamp(index);
        count++;
      } catch (error) {
        (rejected ??= []).push(rejection(error, queue, originalOf(records, index), count));
      }
    }
    this.given = run;
    this.givenFrom = run.from;
    this.parts.fetcher.took(queue, most, queue.take(most, next));
    const original = (i: number): OriginalRecord => originalOf(records, rows[i] as number);
    const rest = { firstPosition: -1, part: queue.id, rejected: rejected ?? [], next: queue.position, original };
    return { values, from: 0, to: count, positions: offsets, timestamps, bytes, ...rest };
  }

  private releaseGiven(): void {
    const { given } = this;
    if (given === undefined) return;
    given.records.release?.(this.givenFrom, given.from);
    this.given = undefined;
  }

  private grow(most: number): void {
    this.rows = new Int32Array(most);
    this.offsets = new Float64Array(most);
    this.timestamps = new Float64Array(most);
  }
}

function rejection(error: unknown, queue: PartitionQueue, original: OriginalRecord, before: number): RejectedRecord {
  const code = error instanceof MillraceError ? error.code : 'RECORD_MALFORMED';
  const raw = original.value ?? '';
  return { before, partition: queue.id, position: original.offset, code, message: messageOf(error), raw, original };
}
