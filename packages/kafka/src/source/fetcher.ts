import type { ConsumerDriver, Fetched } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import type { Format } from '../formats/format.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { sizeOf } from './size-of.ts';

/** `prepare` of a format. */
export type Prepare = NonNullable<Format<unknown>['prepare']>;

/** Records asked for at once: more make slices of work longer, fewer cost more calls (kafka-binding measurements). */
const FETCH_RECORDS = 256;
/** Where records are large, fewer are asked for: so many bytes at once, going by those that came last. */
const FETCH_BYTES = 2 * 1024 * 1024;
/** What waits, of all partitions together, above which nothing is fetched unless a partition that is read has nothing. */
const BUFFER_RECORDS = 1_024;
const BUFFER_BYTES = 8 * 1024 * 1024;
/** A partition that nobody reads is paused at this much, and resumed at the lower mark: pausing throws away what the client has. */
const PAUSE_RECORDS = 8_192;
const PAUSE_BYTES = 16 * 1024 * 1024;
const RESUME_RECORDS = 1_024;
const RESUME_BYTES = 2 * 1024 * 1024;

/**
 * Keeps the queues of a source filled. One fetch is under way at a time; the next one is asked for before the records of the
 * last are processed.
 *
 *   ready --> fetch --> (prepare of the format) --> queues --> poll of the reader
 *     ^          \-- more than enough waits: no fetch until a poll has made room
 *     \-- an empty fetch
 */
export class Fetcher {
  private readonly queues = new Map<string, PartitionQueue>();
  private readonly wake: () => void;
  private readonly prepare: Prepare | undefined;
  /** Ends what is waited for on behalf of records when the source is closed. */
  private readonly closing = new AbortController();
  private consumer: ConsumerDriver | undefined;
  private waiting = 0;
  private waitingBytes = 0;
  /** Of the records of the last answer, on average. Large, as long as nothing is known of them. */
  private recordBytes = FETCH_BYTES / 16;
  private fetching = false;
  private more = true;
  private starving = false;
  /** Whether anything was handed over since somebody last had nothing. */
  private moved = false;
  private closed = false;
  failure: Error | undefined;

  constructor(wake: () => void, prepare?: Prepare) {
    this.wake = wake;
    this.prepare = prepare;
  }

  begin(consumer: ConsumerDriver): void {
    this.consumer = consumer;
    this.pump();
  }

  add(queue: PartitionQueue): void {
    this.queues.set(queue.id, queue);
  }

  readonly ready = (): void => {
    this.more = true;
    this.pump();
    // No room: whoever waits for a partition that may have something now has to say so.
    if (!this.fetching) this.wake();
  };

  readonly failed = (error: Error): void => {
    this.failure ??= error;
    this.wake();
  };

  /**
   * A partition that is read has nothing; others may have to be held back for it. One that stands at its end does not ask for
   * more while others are read: what came for it will be fetched with their records.
   */
  starve(atEnd: boolean): void {
    const others = this.moved;
    this.moved = false;
    if (atEnd && others) return;
    this.starving = true;
    this.pump();
  }

  /** Records were handed over, `bytes` of which are no longer kept. */
  took(queue: PartitionQueue, count: number, bytes: number): void {
    this.waiting -= count;
    this.waitingBytes -= bytes;
    this.moved = true;
    if (queue.paused && !queue.full && queue.records <= RESUME_RECORDS && queue.bytes <= RESUME_BYTES) {
      queue.paused = false;
      this.consumer?.resume([queue]);
    }
    this.pump();
  }

  close(): void {
    this.closed = true;
    this.closing.abort();
  }

  private pump(): void {
    const { consumer } = this;
    if (consumer === undefined || this.fetching || this.closed || !this.more) return;
    if (!this.starving && (this.waiting >= BUFFER_RECORDS || this.waitingBytes >= BUFFER_BYTES)) return;
    this.fetching = true;
    // Whoever tells of records while the fetch is under way may mean some that it does not bring.
    this.more = false;
    const failed = (error: Error): void => {
      this.fetching = false;
      if (!this.closed) this.failed(error);
    };
    consumer
      .fetch(this.recordsToFetch())
      .then((fetched) => {
        const preparing = this.prepared(fetched);
        if (preparing === undefined) this.take(fetched);
        else preparing.then(() => this.take(fetched)).catch(failed);
      })
      .catch(failed);
  }

  /** What decoding must wait for; `undefined`: nothing. */
  private prepared({ records }: Fetched): Promise<void> | undefined {
    if (this.prepare === undefined || this.closed || records.length === 0) return undefined;
    return this.prepare(
      Array.from({ length: records.length }, (_, i) => records.value(i)),
      this.closing.signal,
    );
  }

  private take(fetched: Fetched): void {
    this.fetching = false;
    if (this.closed) return;
    if (fetched.records.length > 0) this.more = true;
    this.accept(fetched);
    this.pump();
    this.wake();
  }

  private recordsToFetch(): number {
    return Math.max(1, Math.min(FETCH_RECORDS, Math.floor(FETCH_BYTES / Math.max(1, this.recordBytes))));
  }

  private accept({ records, ends }: Fetched): void {
    const { length } = records;
    let total = 0;
    for (let from = 0; from < length;) {
      const topic = records.topic(from);
      const partition = records.partition(from);
      let to = from + 1;
      while (to < length && records.partition(to) === partition && records.topic(to) === topic) to++;
      const bytes = sizeOf(records, from, to);
      total += bytes;
      const queue = this.queues.get(partitionId(topic, partition));
      if (queue !== undefined) {
        const before = queue.records;
        if (queue.push({ records, from, to, bytes })) this.waitingBytes += bytes;
        this.waiting += queue.records - before;
        if (!queue.paused && (queue.full || queue.records > PAUSE_RECORDS || queue.bytes > PAUSE_BYTES))
          this.pause(queue);
      }
      from = to;
    }
    for (const { topic, partition, offset } of ends) this.queues.get(partitionId(topic, partition))?.reachedEnd(offset);
    if (length === 0) return;
    this.recordBytes = total / length;
    this.starving = false;
  }

  private pause(queue: PartitionQueue): void {
    queue.paused = true;
    this.consumer?.pause([queue]);
  }
}
