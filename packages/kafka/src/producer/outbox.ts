import { MillraceError, type Cancellable, type Clock, type Logger, type Scheduler } from 'millrace';
import type { ProducerDriver, ProducerEvents } from '../driver/driver.ts';
import { ClientSlot } from './client-slot.ts';
import type { EncodedRecord } from './encode-record.ts';
import { entryBytes, EVENT_BYTES, type Entry, type Waiting } from './entry.ts';
import type { LaneHost } from './lane-host.ts';
import { Lane } from './lane.ts';
import type { DiskQueue } from './queue/disk-queue.ts';
import type { SegmentLog } from './queue/segment-log.ts';
import { closedError, expiredError } from './verdict.ts';

/** What an outbox is made of. */
export interface OutboxParts {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly deliveryTimeoutMs: number;
  readonly queue: DiskQueue | undefined;
  /** What earlier processes have left. */
  readonly left: ReadonlyMap<string, SegmentLog>;
  readonly openClient: (events: ProducerEvents) => Promise<ProducerDriver>;
  readonly partitionsOf: (topic: string) => Promise<number>;
}

/** In memory, of all topics, bytes; above it `send` waits. */
const MEMORY_BYTES = 64 * 1024 * 1024;
/** How long an event may wait for its delivery before it goes to the queue, milliseconds: brokers answer in less. */
const SPILL_MS = 250;
/** Between two looks at what waits, milliseconds. */
const TICK_MS = 100;
/** How long a full client is left alone, milliseconds. */
const FULL_MS = 2;

interface Applicant {
  readonly record: EncodedRecord;
  readonly waiting: Waiting;
  readonly bytes: number;
  /** By the monotonic clock, milliseconds. */
  readonly sinceMs: number;
}

/** Everything that was given to be sent and is not delivered: admission, a lane for each topic, one client for all. */
export class Outbox {
  private readonly parts: OutboxParts;
  private readonly lanes = new Map<string, Lane>();
  private readonly slot: ClientSlot;
  private readonly host: LaneHost;
  /** Events for which there is no room, in their order. */
  private applicants: Applicant[] = [];
  private roomWanted: (() => void)[] = [];
  private emptyWanted: (() => void)[] = [];
  private ticking: Cancellable | undefined;
  private pumping = false;
  private freeing = false;
  /** Whether the client is left alone until it has room. */
  private full = false;
  private progressMs: number;
  private closing = false;
  private closed = false;

  constructor(parts: OutboxParts) {
    this.parts = parts;
    this.progressMs = parts.clock.monotonic();
    this.slot = new ClientSlot({
      ...parts,
      open: parts.openClient,
      opened: () => {
        this.progressMs = parts.clock.monotonic();
        this.pumpSoon();
      },
      delivered: (receiver, entry, place) => {
        this.progressMs = parts.clock.monotonic();
        receiver.delivered(entry, place);
      },
      gone: () => {
        for (const lane of this.lanes.values()) lane.restart();
      },
    });
    this.host = this.hostOf();
    for (const [topic, log] of parts.left) this.lanes.set(topic, new Lane(topic, this.host, log));
  }

  /** With a queue it does not wait for the brokers. @throws whatever the driver says */
  async open(): Promise<void> {
    if (this.parts.queue === undefined) await this.slot.open();
    else void this.slot.keepOpening();
    this.tickSoon();
  }

  get pending(): number {
    let pending = this.applicants.length;
    for (const lane of this.lanes.values()) pending += lane.pending;
    return pending;
  }

  add(record: EncodedRecord, waiting: Waiting): void {
    if (this.closing) throw closedError(false);
    const bytes = entryBytes(record);
    const most = this.parts.queue?.maxBytes ?? Infinity;
    if (bytes > most)
      throw new MillraceError('RECORD_TOO_LARGE', {
        message: `an event of ${bytes} bytes is larger than the whole queue: ${most} bytes (queue.maxBytes)`,
        fields: { topic: record.topic, size: bytes },
      });
    const sinceMs = this.parts.clock.monotonic();
    if (this.applicants.length > 0 || !this.hasRoom(bytes)) this.applicants.push({ record, waiting, bytes, sinceMs });
    else this.lane(record.topic).add(record, waiting, sinceMs, bytes);
    this.tickSoon();
  }

  ready(): Promise<void> {
    if (this.closing || (this.applicants.length === 0 && this.hasRoom(1))) return Promise.resolve();
    return new Promise((resolve) => this.roomWanted.push(resolve));
  }

  /** @returns how many events were not delivered */
  async close(withinMs: number): Promise<number> {
    this.closing = true;
    await this.emptied(withinMs);
    this.closed = true;
    this.ticking?.cancel();
    await this.slot.close();
    const left = this.pending;
    for (const { waiting } of this.applicants.splice(0)) {
      waiting.accepted?.reject(closedError(false));
      waiting.delivered?.reject(closedError(false));
    }
    const lanes = [...this.lanes.values()];
    const closed = await Promise.allSettled(lanes.map(async ({ spill }) => spill?.close()));
    for (const lane of lanes) lane.abandon();
    for (const waiting of this.roomWanted.splice(0)) waiting();
    await this.parts.queue?.close();
    for (const one of closed) if (one.status === 'rejected') throw one.reason as Error;
    return left;
  }

  private async emptied(withinMs: number): Promise<void> {
    if (this.pending === 0) return;
    await new Promise<void>((resolve) => {
      const timer = this.parts.scheduler.after(withinMs, resolve);
      this.emptyWanted.push(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  private hostOf(): LaneHost {
    const { clock, scheduler, logger, deliveryTimeoutMs, queue } = this.parts;
    return {
      ...{ clock, scheduler, logger, deliveryTimeoutMs },
      openLog: queue === undefined ? undefined : (topic) => queue.log(topic),
      keepRefused: async ({ seq, record }: Entry, error) => queue?.keepRefused(seq, record, error),
      partitionsOf: (topic) => this.parts.partitionsOf(topic),
      send: (record, receiver, entry) => this.slot.send(record, receiver, entry),
      replaceClient: (reason, progress) => this.slot.replace(reason, progress),
      pumpSoon: () => this.pumpSoon(),
      freed: () => this.freedSoon(),
    };
  }

  private lane(topic: string): Lane {
    let lane = this.lanes.get(topic);
    if (lane === undefined) {
      lane = new Lane(topic, this.host);
      this.lanes.set(topic, lane);
    }
    return lane;
  }

  private hasRoom(bytes: number): boolean {
    let memory = 0;
    let disk = 0;
    for (const { memoryBytes, inMemory, volatileBytes, spill } of this.lanes.values()) {
      memory += memoryBytes + (spill?.incomingBytes ?? 0) + EVENT_BYTES * inMemory;
      disk += volatileBytes + (spill?.fileBytes ?? 0);
    }
    if (memory > 0 && memory + bytes > MEMORY_BYTES) return false;
    return this.parts.queue === undefined || disk + bytes <= this.parts.queue.maxBytes;
  }

  private pumpSoon(): void {
    if (this.pumping || this.closed) return;
    this.pumping = true;
    this.parts.scheduler.defer(() => {
      this.pumping = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.closed) return;
    let room = true;
    for (const lane of this.lanes.values()) room = lane.pump() && room;
    if (room || this.full || !this.slot.usable) return;
    this.full = true;
    this.parts.scheduler.after(FULL_MS, () => {
      this.full = false;
      this.pumpSoon();
    });
  }

  /** Several may be freed at once. */
  private freedSoon(): void {
    if (this.freeing) return;
    this.freeing = true;
    this.parts.scheduler.defer(() => {
      this.freeing = false;
      this.freed();
    });
  }

  private freed(): void {
    let admitted = 0;
    const nowMs = this.parts.clock.monotonic();
    for (const { record, waiting, bytes, sinceMs } of this.applicants) {
      if (!this.hasRoom(bytes)) break;
      // Whether brokers are slow with it shows from now on; its time without a queue has begun when it was sent.
      this.lane(record.topic).add(record, waiting, this.parts.queue === undefined ? sinceMs : nowMs, bytes);
      admitted++;
    }
    if (admitted > 0) this.applicants = this.applicants.slice(admitted);
    if (this.applicants.length === 0 && this.hasRoom(1)) for (const waiting of this.roomWanted.splice(0)) waiting();
    if (this.emptyWanted.length > 0 && this.pending === 0) for (const waiting of this.emptyWanted.splice(0)) waiting();
  }

  /** How long a client may have records without delivering any, milliseconds. Without a queue it gives them up before. */
  private get patienceMs(): number {
    const { queue, deliveryTimeoutMs } = this.parts;
    return queue === undefined ? 2 * deliveryTimeoutMs : deliveryTimeoutMs;
  }

  private tickSoon(): void {
    if (this.closed || this.ticking !== undefined) return;
    this.ticking = this.parts.scheduler.after(TICK_MS, () => {
      this.ticking = undefined;
      if (this.closed || this.pending === 0) return;
      this.tick();
      this.tickSoon();
    });
  }

  private tick(): void {
    const { clock, queue } = this.parts;
    const nowMs = clock.monotonic();
    let inFlight = 0;
    for (const lane of this.lanes.values()) {
      inFlight += lane.inFlight;
      if (queue === undefined) lane.expire(nowMs);
      else if (nowMs - lane.oldestMs >= SPILL_MS) lane.spill?.activate();
    }
    if (inFlight === 0) this.progressMs = nowMs;
    else if (nowMs - this.progressMs >= this.patienceMs) {
      this.progressMs = nowMs;
      this.slot.replace(new Error(`nothing was delivered for ${this.patienceMs / 1_000} s.`), false);
    }
    if (queue === undefined) this.expireApplicants(nowMs);
    this.pump();
    this.freedSoon();
  }

  /** Without a queue: those for which there was no room in time. */
  private expireApplicants(nowMs: number): void {
    const { deliveryTimeoutMs } = this.parts;
    const count = this.applicants.findIndex(({ sinceMs }) => nowMs - sinceMs < deliveryTimeoutMs);
    for (const { record, waiting } of this.applicants.splice(0, count < 0 ? this.applicants.length : count)) {
      const error = expiredError(record.topic, deliveryTimeoutMs, undefined);
      waiting.accepted?.reject(error);
      waiting.delivered?.reject(error);
    }
  }
}
