import { MillraceError } from '../errors/index.ts';
import type { Clock, Scheduler, SegmentWriter, StateCut } from '../model/index.ts';
import { BufferPool } from './buffer-pool.ts';
import type { SegmentBuilder } from './segment-builder.ts';

/**
 * How long state is encoded at a stretch. Records are processed in between; longer slices would be seen as pauses, shorter
 * ones cost turns of the event loop.
 */
const SLICE_MS = 1;
/** Entries between two looks at the clock: at some 0.5 us each a few hundredths of a millisecond. */
const ENTRIES_PER_LOOK = 64;
/** Bytes waiting for the disk from which on encoding waits, too. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

/** What became of a segment. */
export interface WrittenSegment {
  readonly file: string;
  readonly bytes: number;
  readonly entries: number;
  readonly crc: string;
}

/** Walks cuts of state into a segment file, a millisecond at a time, while the task goes on. */
export class StateWriter {
  private readonly clock: Clock;
  private readonly scheduler: Scheduler;
  /** Memory of the pieces; they are given back once they are written. */
  readonly buffers = new BufferPool();
  private aborted = false;

  constructor(clock: Clock, scheduler: Scheduler) {
    this.clock = clock;
    this.scheduler = scheduler;
  }

  abort(): void {
    this.aborted = true;
  }

  /**
   * @param pieces where the builder puts pieces of the file
   * @param create makes the file; called only if there is anything to write
   * @returns `undefined` if there was nothing
   */
  async write(
    cuts: readonly StateCut[],
    builder: SegmentBuilder,
    pieces: Uint8Array[],
    create: () => Promise<SegmentWriter>,
  ): Promise<WrittenSegment | undefined> {
    const drain = new Drain(create, this.buffers);
    try {
      let at = 0;
      for (let done = false; !done;) {
        const started = this.clock.monotonic();
        // At least one step, however slow the clock says it was.
        do {
          if (at < cuts.length) at += (cuts[at] as StateCut).step(ENTRIES_PER_LOOK) ? 1 : 0;
          else done = !builder.closeNext();
        } while (!done && this.clock.monotonic() - started < SLICE_MS);
        drain.take(pieces);
        if (drain.waitingBytes > WAITING_BYTES_MAX) await drain.settled();
        else if (!done) await this.turn();
        if (this.aborted) throw new MillraceError('JOB_STATE', { message: 'the commit was called off' });
      }
      const file = await drain.finish();
      return file === undefined ? undefined : { file, ...builder.summary };
    } catch (error) {
      await drain.abort();
      throw error;
    }
  }

  private turn(): Promise<void> {
    return new Promise((resolve) => this.scheduler.defer(resolve));
  }
}

/** Appends pieces to the file, one after the other, while more are made. */
class Drain {
  waitingBytes = 0;
  private readonly create: () => Promise<SegmentWriter>;
  private opened: Promise<SegmentWriter> | undefined;
  private tail: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | undefined;

  private readonly buffers: BufferPool;

  constructor(create: () => Promise<SegmentWriter>, buffers: BufferPool) {
    this.create = create;
    this.buffers = buffers;
  }

  take(pieces: Uint8Array[]): void {
    for (const piece of pieces.splice(0)) {
      this.waitingBytes += piece.length;
      this.tail = this.tail.then(() => this.append(piece));
    }
    if (this.failure !== undefined) throw this.failure.error;
  }

  async settled(): Promise<void> {
    await this.tail;
    if (this.failure !== undefined) throw this.failure.error;
  }

  async finish(): Promise<string | undefined> {
    await this.settled();
    const writer = await this.opened;
    await writer?.finish();
    return writer?.file;
  }

  async abort(): Promise<void> {
    this.failure ??= { error: new MillraceError('JOB_STATE', { message: 'the commit was called off' }) };
    await this.tail;
    await this.opened?.then((writer) => writer.abort()).catch(() => undefined);
  }

  private async append(piece: Uint8Array): Promise<void> {
    if (this.failure !== undefined) return;
    try {
      this.opened ??= this.create();
      await (await this.opened).append(piece);
      this.waitingBytes -= piece.length;
      this.buffers.give(piece);
    } catch (error) {
      this.failure = { error };
    }
  }
}
