import type { PartitionOffset } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { UnfinishedOffsets, type TakenOffset } from './unfinished-offsets.ts';

/** Bytes of one partition that wait or are under way, above which it is paused. */
const BYTES_MAX = 16 * 1024 * 1024;
/** Records done beyond one that is not, in buffers: a record that is tried again for long must not have thousands done twice. */
const SPAN_BUFFERS = 10;

/**
 * A partition while it is this member's. One that comes back after another round of the group is another lane.
 *
 *   open --close: nothing begins above what has begun--> closing --all up to there is done, or abandon--> over
 *
 * What has begun in any order must not leave holes: whoever reads on from the lowest would do again what was done above it.
 */
export class Lane {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offsets: UnfinishedOffsets;
  paused = false;
  /** Committed last, as far as this member knows. */
  committed: number;
  private closing = false;
  private readonly abandoning = new AbortController();
  private readonly buffer: number;
  private held = 0;
  private bytes = 0;
  private running = 0;
  private lastBegun = -1;
  private idle: (() => void)[] = [];

  /** Whether all that was taken is finished when the partition is given away, and not only what has begun. */
  private readonly finishAll: boolean;

  constructor({ topic, partition, offset }: PartitionOffset, buffer: number, finishAll: boolean) {
    this.id = partitionId(topic, partition);
    this.topic = topic;
    this.partition = partition;
    this.offsets = new UnfinishedOffsets(offset);
    this.committed = offset;
    this.buffer = buffer;
    this.finishAll = finishAll;
  }

  /** The partition is being given away, or was. */
  get isClosed(): boolean {
    return this.closing;
  }

  /** Aborted when handlers are no longer waited for. */
  get abandoned(): AbortSignal {
    return this.abandoning.signal;
  }

  /** There is enough: it may be paused. */
  get full(): boolean {
    return this.held >= this.buffer || this.bytes >= BYTES_MAX || this.offsets.span >= SPAN_BUFFERS * this.buffer;
  }

  /** There is room for more than a little: it may be resumed. */
  get hasRoom(): boolean {
    return (
      this.held * 2 <= this.buffer && this.bytes * 2 <= BYTES_MAX && this.offsets.span * 2 <= SPAN_BUFFERS * this.buffer
    );
  }

  take(offset: number, bytes: number): TakenOffset {
    this.held++;
    this.bytes += bytes;
    return this.offsets.take(offset);
  }

  /** The record is done with, one way or the other. Of a lane that is over it is too late. */
  finish(taken: TakenOffset, bytes: number): void {
    if (this.abandoned.aborted) return;
    this.held--;
    this.bytes -= bytes;
    this.offsets.finish(taken);
  }

  mayBegin(offset: number): boolean {
    if (!this.closing) return true;
    return !this.abandoning.signal.aborted && offset <= this.lastBegun;
  }

  /** A handler is called for a record that may begin. */
  begin(offset: number): void {
    this.lastBegun = Math.max(this.lastBegun, offset);
  }

  /** A handler, or the writing of a letter, which a closing lane waits for. */
  async while<R>(act: () => Promise<R> | R): Promise<R> {
    this.running++;
    try {
      return await act();
    } finally {
      this.running--;
      if (this.settled) for (const resolve of this.idle.splice(0)) resolve();
    }
  }

  /** Lets nothing begin above what has begun. Resolves when all up to there is done. */
  close(): Promise<void> {
    if (this.finishAll && !this.closing) this.lastBegun = this.offsets.next - 1;
    this.closing = true;
    if (this.settled) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private get settled(): boolean {
    return this.running === 0 && this.offsets.committable > this.lastBegun;
  }

  /** What is under way is no longer waited for, and counts for nothing when it is done. */
  abandon(): void {
    void this.close();
    this.abandoning.abort(new Error(`the partition ${this.id} was given away`));
  }
}
