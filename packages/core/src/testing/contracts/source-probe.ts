import { seededRandom } from '../../internal/seeded-random.ts';
import {
  silentLogger,
  type Position,
  type RejectedRecord,
  type Source,
  type SourceBatch,
  type SourceReader,
} from '../../model/index.ts';
import { VirtualTime } from '../virtual-time.ts';
import { waitForWake } from '../wait-for-io.ts';
import { requireSame, requireThat } from './contract-case.ts';

/** A record or a rejected one, with its position for people. */
export type ReadItem =
  | { readonly value: unknown; readonly at: number; readonly part: string | undefined }
  | { readonly rejected: Omit<RejectedRecord, 'before'> };

/** What reading a partition gave: items, and after each batch where to go on and how many items there were by then. */
export interface ReadResult {
  readonly items: ReadItem[];
  readonly boundaries: { readonly items: number; readonly next: Position }[];
  ended: boolean;
}

/** How many records to read of each partition. */
export type Limits = number | readonly number[];

export type Positions = ReadonlyMap<string, Position>;

/** Records asked for where a test has no reason to ask for fewer. */
export const FULL_BATCH = 512;

/** A source opened as the runtime does, read as the step loop does. */
export class SourceProbe {
  readonly reader: SourceReader<unknown>;
  readonly results: readonly ReadResult[];
  private readonly time: VirtualTime;
  private readonly signal: WakeSignal;
  private readonly limits: Limits;
  private readonly measuresBytes: boolean;

  private constructor(
    reader: SourceReader<unknown>,
    measuresBytes: boolean,
    time: VirtualTime,
    signal: WakeSignal,
    limits: Limits,
  ) {
    this.reader = reader;
    this.measuresBytes = measuresBytes;
    this.time = time;
    this.signal = signal;
    this.limits = limits;
    this.results = reader.partitions.map(() => ({ items: [], boundaries: [], ended: false }));
  }

  /** @param limits records to read of each partition of a source without end */
  static async open(source: Source<unknown>, limits: Limits, positions: Positions = new Map()): Promise<SourceProbe> {
    const time = new VirtualTime();
    const signal = new WakeSignal();
    const reader = await source.open({
      name: 'source under test',
      positions,
      wake: signal.wake,
      clock: time,
      scheduler: time,
      random: seededRandom(1),
      logger: silentLogger,
    });
    return new SourceProbe(reader, source.measuresBytes ?? false, time, signal, limits);
  }

  /** Opens, reads everything and closes. */
  static async read(
    source: Source<unknown>,
    limits: Limits,
    options: { readonly max?: number; readonly positions?: Positions } = {},
  ): Promise<readonly ReadResult[]> {
    const probe = await SourceProbe.open(source, limits, options.positions);
    try {
      for (let p = 0; p < probe.results.length; p++) while (await probe.readBatch(p, options.max ?? FULL_BATCH));
    } finally {
      await probe.reader.close();
    }
    return probe.results;
  }

  /** Reads one batch; waits for it if the source says `'pending'`. Returns whether there may be more. */
  async readBatch(partition: number, max: number): Promise<boolean> {
    const result = this.results[partition] as ReadResult;
    const limit = typeof this.limits === 'number' ? this.limits : (this.limits[partition] as number);
    if (result.ended || result.items.length >= limit) return false;
    for (;;) {
      const asked = Math.min(max, limit - result.items.length);
      this.signal.rearm();
      const polled: unknown = this.reader.poll(partition, asked);
      if (polled === 'end') {
        result.ended = true;
        return false;
      }
      if (polled !== 'pending') {
        const batch = checked(polled, asked);
        requireThat(
          this.measuresBytes ? Number.isSafeInteger(batch.bytes) : batch.bytes === undefined,
          'a batch says how many bytes it is if and only if its source `measuresBytes`',
        );
        take(batch, result);
        return true;
      }
      await this.waitForWake();
    }
  }

  /** After `'pending'`: I/O first, then virtual time. */
  private async waitForWake(): Promise<void> {
    if (await waitForWake(this.signal.wait, 'a turn')) return;
    while (this.time.nextTimer < Infinity) {
      this.time.advanceTo(this.time.nextTimer);
      if (this.signal.woken) return;
    }
    const woken = await waitForWake(this.signal.wait, 'long');
    requireThat(woken, "after 'pending' a reader calls wake() when polling again makes sense");
  }
}

class WakeSignal {
  woken = false;
  private waiter: (() => void) | undefined;

  readonly wake = (): void => {
    this.woken = true;
    this.waiter?.();
  };

  readonly wait = (callback: () => void): void => {
    if (this.woken) callback();
    else this.waiter = callback;
  };

  rearm(): void {
    this.woken = false;
    this.waiter = undefined;
  }
}

function checked(polled: unknown, asked: number): SourceBatch<unknown> {
  requireThat(
    typeof polled === 'object' && polled !== null && 'values' in polled,
    "poll returns a batch, 'pending' or 'end' at once",
  );
  // It has what only a batch has; the rest is checked here.
  const batch = polled as SourceBatch<unknown>;
  const count = batch.to - batch.from;
  const { positions, timestamps, rejected, values } = batch;
  requireThat(batch.from >= 0 && count >= 0 && batch.to <= values.length, '0 <= from <= to <= values.length');
  const records = count + rejected.length;
  requireThat(records >= 1, "a batch holds at least one record; where there is none, poll says 'pending' or 'end'");
  requireThat(records <= asked, `a batch holds at most the ${asked} records that were asked for, not ${records}`);
  requireThat(positions === undefined || positions.length >= count, 'positions holds one number per value');
  requireThat(timestamps === undefined || timestamps.length >= count, 'timestamps holds one number per value');
  let before = 0;
  for (const record of rejected) {
    requireThat(
      record.before >= before && record.before <= count,
      '`before` of rejected records ascends up to the end',
    );
    before = record.before;
  }
  requireSame(JSON.parse(JSON.stringify(batch.next)), batch.next, '`next` is JSON');
  return batch;
}

/** Copies everything: the batch is valid until the next call only. */
function take(batch: SourceBatch<unknown>, result: ReadResult): void {
  let nextRejected = 0;
  const rejectedUpTo = (count: number): void => {
    for (; nextRejected < batch.rejected.length; nextRejected++) {
      const { before, ...rejected } = batch.rejected[nextRejected] as RejectedRecord;
      if (before > count) return;
      result.items.push({ rejected: structuredClone(rejected) });
    }
  };
  for (let i = 0; i < batch.to - batch.from; i++) {
    rejectedUpTo(i);
    const at = batch.positions === undefined ? batch.firstPosition + i : (batch.positions[i] as number);
    result.items.push({ value: batch.values[batch.from + i], at, part: batch.part });
  }
  rejectedUpTo(batch.to - batch.from);
  const next = JSON.parse(JSON.stringify(batch.next)) as Position;
  result.boundaries.push({ items: result.items.length, next });
}
