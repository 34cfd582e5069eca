import { messageOf } from 'millrace';
import { entryOf, NOBODY, type Deferred, type Entry } from './entry.ts';
import type { LaneHost } from './lane-host.ts';
import type { Delivered } from './producer-types.ts';
import type { QueuedRecord } from './queue/frame.ts';
import type { SegmentLog } from './queue/segment-log.ts';
import { closedError } from './verdict.ts';

/** What is in memory of a lane. */
export interface SpilledLane {
  readonly topic: string;
  readonly entries: IterableIterator<Entry>;
  readonly memoryBytes: number;
  /** Of the window: what it costs in memory, bytes. */
  readonly windowBytes: number;
  readonly volatileBytes: number;
  readonly pending: number;
  has(seq: number): boolean;
  admit(entry: Entry): void;
  becameDurable(entry: Entry): void;
}

/** Read from disk and waiting for the broker, bytes of memory: enough to keep a client busy; a crash has it sent once more. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** One fsync, at most, bytes. */
const GROUP_BYTES = 1024 * 1024;
/** What was delivered is written down so long after, milliseconds: what a crash finds not written down is sent once more. */
const NOTE_MS = 20;
/**
 * While the brokers deliver and the disk holds no more than what is on its way, new events are held back for so long, milliseconds: the
 * disk may become empty, and is not needed any more. Otherwise a steady stream would go over the disk for ever.
 */
const DRAIN_MS = 50;
/** Between two tries of a disk that fails, milliseconds. */
const RETRY_MS = 1_000;

/**
 * The part of a lane that is on disk.
 *
 *   direct   nothing is on disk
 *   active   from the moment at which something has waited too long: all that is in memory is made durable together, by one frame,
 *            and what comes later goes to disk first, to the client when its turn has come. Until all of it was delivered and the
 *            disk is durably empty: whatever is sent again after a crash is sent before what came later.
 */
export class Spill {
  active: boolean;
  /** Waiting for the disk. */
  private incoming: Entry[] = [];
  private readonly lane: SpilledLane;
  private readonly host: LaneHost;
  private readonly open: () => Promise<SegmentLog>;
  private log: SegmentLog | undefined;
  /** Whether what was in memory when the lane became active is on disk. */
  private moved: boolean;
  /** Who waits for the delivery of events that are on disk only. */
  private readonly waiting = new Map<number, Deferred<Delivered>>();
  private working: Promise<void> | undefined;
  private again = false;
  private noteSoon = false;
  private deliveredMs = -Infinity;
  private drainingMs: number | undefined;
  private failing = false;
  private closing = false;
  private closed = false;
  incomingBytes = 0;

  constructor(lane: SpilledLane, host: LaneHost, open: () => Promise<SegmentLog>, log: SegmentLog | undefined) {
    this.lane = lane;
    this.host = host;
    this.open = open;
    this.log = log;
    this.moved = this.active = log !== undefined && !log.empty;
    if (this.active) this.work();
  }

  /** Events that are on disk, or on their way there. */
  get pending(): number {
    return this.incoming.length + (this.log?.remaining ?? 0);
  }

  get waitingForDisk(): number {
    return this.incoming.length;
  }

  get fileBytes(): number {
    return this.log?.bytes ?? 0;
  }

  activate(): void {
    if (this.active) return;
    this.active = true;
    this.moved = false;
    this.host.logger.warn(
      `events for topic '${this.lane.topic}' are not delivered at once: they are kept in the queue`,
      {
        topic: this.lane.topic,
      },
    );
    this.work();
  }

  take(entry: Entry): void {
    this.incoming.push(entry);
    this.incomingBytes += entry.bytes;
    this.work();
  }

  /** An entry of the window is delivered, or given up. */
  finished({ seq, durable }: Entry): void {
    if (!this.active) return;
    if (durable) this.log?.done(seq);
    this.deliveredMs = this.host.clock.monotonic();
    if (this.lane.windowBytes < WINDOW_BYTES / 2 && this.log?.unread === true) this.work();
    this.workSoon();
  }

  /** Makes everything durable that is in memory, and ends the work on disk. */
  async close(): Promise<void> {
    this.closing = true;
    // Also one that has failed a moment ago is tried once more.
    this.failing = false;
    if (!this.active && this.lane.volatileBytes > 0) this.activate();
    this.work();
    while (this.working !== undefined) await this.working;
    this.closed = true;
    await this.log?.close();
  }

  /** Whoever waits is told that the next process has to do it. */
  abandon(): void {
    for (const delivered of this.waiting.values()) delivered.reject(closedError(true));
    for (const { accepted, delivered } of this.incoming) {
      accepted?.reject(closedError(false));
      delivered?.reject(closedError(false));
    }
  }

  private workSoon(): void {
    if (this.noteSoon) return;
    this.noteSoon = true;
    this.host.scheduler.after(NOTE_MS, () => {
      this.noteSoon = false;
      this.work();
    });
  }

  private work(): void {
    if (this.closed) return;
    this.again = true;
    this.working ??= this.run().finally(() => {
      this.working = undefined;
      // Asked for after the last look.
      if (this.again && this.active) this.work();
    });
  }

  private async run(): Promise<void> {
    while (this.again && this.active && !this.closed) {
      this.again = false;
      try {
        await this.step();
      } catch (error) {
        this.rest(error);
        return;
      }
    }
  }

  /** Nothing is written for a while. */
  private rest(error: unknown): void {
    if (this.failing) return;
    this.failing = true;
    const { topic } = this.lane;
    this.host.logger.error(`the queue of topic '${topic}' fails: ${messageOf(error)}`, { topic });
    this.host.scheduler.after(RETRY_MS, () => {
      this.failing = false;
      this.work();
    });
  }

  private async step(): Promise<void> {
    if (this.failing && (this.log === undefined || !this.moved)) return;
    const log = (this.log ??= await this.open());
    if (!this.moved) await this.move(log);
    if (!this.failing) {
      await this.attempt(() => log.settle());
      this.host.freed();
      if (log.empty && this.lane.memoryBytes === 0 && !(this.closing && this.incoming.length > 0)) return this.leave();
      if (this.draining(log)) this.workSoon();
      else await this.attempt(() => this.storeAll(log));
    }
    while (this.lane.windowBytes < WINDOW_BYTES && log.unread) await this.load(log);
  }

  /** A disk that takes nothing more is read all the same: delivering what is on it is what makes room. */
  private async attempt(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.rest(error);
    }
  }

  private async storeAll(log: SegmentLog): Promise<void> {
    while (this.incoming.length > 0) await this.store(log);
  }

  /** Everything was delivered, and the disk is durably empty. */
  private leave(): void {
    this.active = false;
    this.host.logger.info(`the queue of topic '${this.lane.topic}' is delivered`, { topic: this.lane.topic });
    const { incoming } = this;
    this.incoming = [];
    this.incomingBytes = 0;
    for (const entry of incoming) this.lane.admit(entry);
  }

  /** Whether new events are held back, so that the disk may become empty. */
  private draining(log: SegmentLog): boolean {
    const nowMs = this.host.clock.monotonic();
    const near = this.incoming.length > 0 && log.remaining > 0 && !log.unread && !this.closing;
    if (!near || nowMs - this.deliveredMs > DRAIN_MS) this.drainingMs = undefined;
    else this.drainingMs ??= nowMs;
    if (this.drainingMs === undefined) return false;
    if (nowMs - this.drainingMs < DRAIN_MS) return true;
    this.drainingMs = undefined;
    return false;
  }

  /** The window goes to disk as it is: nobody may find a part of it there without what came before. */
  private async move(log: SegmentLog): Promise<void> {
    const entries = [...this.lane.entries];
    await log.append(entries.map(queued));
    log.skip();
    this.moved = true;
    for (const entry of entries) {
      // Delivered meanwhile.
      if (this.lane.has(entry.seq)) this.lane.becameDurable(entry);
      else log.done(entry.seq);
    }
  }

  private async store(log: SegmentLog): Promise<void> {
    let bytes = 0;
    let count = 0;
    for (const entry of this.incoming) {
      if (count > 0 && bytes + entry.bytes > GROUP_BYTES) break;
      bytes += entry.bytes;
      count++;
    }
    const group = this.incoming.slice(0, count);
    await log.append(group.map(queued));
    this.incoming = this.incoming.slice(count);
    this.incomingBytes -= bytes;
    for (const { seq, accepted, delivered } of group) {
      if (delivered !== undefined) this.waiting.set(seq, delivered);
      accepted?.resolve();
    }
  }

  private async load(log: SegmentLog): Promise<void> {
    const { topic } = this.lane;
    const nowMs = this.host.clock.monotonic();
    for (const { seq, ...record } of await log.read()) {
      const delivered = this.waiting.get(seq);
      this.waiting.delete(seq);
      this.lane.admit(entryOf(seq, { topic, ...record }, nowMs, { ...NOBODY, delivered }, true));
    }
  }
}

function queued({ seq, record }: Entry): QueuedRecord {
  const { partition, key, value, timestamp, headers } = record;
  return { seq, partition, key, value, timestamp, headers };
}
