import { MillraceError } from 'millrace';
import { javaPartition } from '../sink/java-partitioner.ts';
import type { EncodedRecord } from './encode-record.ts';
import { entryOf, EVENT_BYTES, type Entry, type Waiting } from './entry.ts';
import type { LaneHost, Receiver } from './lane-host.ts';
import type { Delivered } from './producer-types.ts';
import type { SegmentLog } from './queue/segment-log.ts';
import { Spill, type SpilledLane } from './spill.ts';
import { closedError, expiredError, refusedError, verdictOf } from './verdict.ts';

/** How old a number of partitions may get, milliseconds: topics may be given more. */
const METADATA_MS = 300_000;
/** Between two questions about a topic that cannot be found, milliseconds. */
const ASK_AGAIN_MS = 1_000;
/** Between two tries of a topic that the user may not write to, milliseconds: from the first to the longest. */
const DENIED_MS = [1_000, 60_000] as const;

/**
 * Events of one topic, first in, first out: what has waited longest is sent first, whatever its key, so that the order of each key is
 * that in which they came.
 *
 *   add --> window: in memory, sent or to be sent --> client --> delivered, or again at its place in the window
 *     \--> spill: on disk, behind which all later ones wait --> window
 *
 * A lane whose topic is missing or cannot be written holds up no other.
 */
export class Lane implements Receiver, SpilledLane {
  readonly topic: string;
  private readonly host: LaneHost;
  /** Not delivered, in the order of their numbers. */
  private readonly window = new Map<number, Entry>();
  /** Those of the window that the client does not have. */
  private unsent: Entry[] = [];
  private sent = 0;
  private suspectSent = false;
  private partitions: number | undefined;
  private asking = false;
  private askedMs = -Infinity;
  private last: Error | undefined;
  /** How long it is left alone because a right is missing, milliseconds, and until when. */
  private deniedMs = 0;
  private deniedUntilMs = -Infinity;
  private abandoned = false;
  private nextSeq: number;
  readonly spill: Spill | undefined;
  /** Of the window. */
  memoryBytes = 0;
  private volatileOfWindow = 0;

  constructor(topic: string, host: LaneHost, log?: SegmentLog) {
    this.topic = topic;
    this.host = host;
    this.nextSeq = log?.nextSeq ?? 1;
    const { openLog } = host;
    if (openLog !== undefined) this.spill = new Spill(this, host, () => openLog(topic), log);
  }

  get windowBytes(): number {
    return this.memoryBytes + EVENT_BYTES * this.window.size;
  }

  /** Events in memory. */
  get inMemory(): number {
    return this.window.size + (this.spill?.waitingForDisk ?? 0);
  }

  /** Bytes that are neither delivered nor on disk. */
  get volatileBytes(): number {
    return this.volatileOfWindow + (this.spill?.incomingBytes ?? 0);
  }

  get pending(): number {
    let volatile = 0;
    for (const { durable } of this.window.values()) if (!durable) volatile++;
    return volatile + (this.spill?.pending ?? 0);
  }

  get entries(): IterableIterator<Entry> {
    return this.window.values();
  }

  has(seq: number): boolean {
    return this.window.has(seq);
  }

  add(record: EncodedRecord, waiting: Waiting, sinceMs: number, bytes: number): void {
    const entry = entryOf(this.nextSeq++, record, sinceMs, waiting, false, bytes);
    if (this.spill?.active === true) this.spill.take(entry);
    else this.admit(entry);
  }

  /** An entry's turn has come. */
  admit(entry: Entry): void {
    this.window.set(entry.seq, entry);
    this.unsent.push(entry);
    this.memoryBytes += entry.bytes;
    if (!entry.durable) this.volatileOfWindow += entry.bytes;
    this.host.pumpSoon();
  }

  /** It is on disk now. */
  becameDurable(entry: Entry): void {
    entry.durable = true;
    this.volatileOfWindow -= entry.bytes;
    entry.accepted?.resolve();
  }

  /** Sends what can be sent; `false`: the client has no room. */
  pump(): boolean {
    if (this.unsent.length === 0) return true;
    if (this.host.clock.monotonic() < this.deniedUntilMs) return true;
    if (!this.known()) return true;
    let taken = 0;
    let room = true;
    for (const entry of this.unsent) {
      // A suspect is sent alone: then it is known which record a refusal is about.
      if (this.suspectSent || (entry.suspect && this.sent > 0)) break;
      if (this.window.has(entry.seq) && !entry.refused) room = this.trySend(entry);
      if (!room) break;
      taken++;
    }
    if (taken > 0) this.unsent = this.unsent.slice(taken);
    return room;
  }

  private trySend(entry: Entry): boolean {
    const partition = this.partitionFor(entry.record);
    if (partition instanceof Error) {
      this.refuse(entry, partition);
      return true;
    }
    try {
      const { topic, key, value, timestamp, headers } = entry.record;
      if (!this.host.send({ topic, partition, key, value, timestamp, headers }, this, entry)) return false;
    } catch (error) {
      const reason = error as Error;
      const verdict = verdictOf(reason);
      // Said by the client: it is this very record.
      if (verdict === 'suspect' || verdict === 'refused') {
        this.refuse(entry, refusedError(this.topic, reason));
        return true;
      }
      this.host.replaceClient(reason, false);
      return false;
    }
    this.sent++;
    this.suspectSent = entry.suspect;
    return true;
  }

  delivered(entry: Entry, place: Delivered): void {
    this.sent--;
    this.suspectSent = false;
    this.last = undefined;
    this.deniedMs = 0;
    if (!this.remove(entry)) return;
    entry.accepted?.resolve();
    entry.delivered?.resolve(place);
    if (this.unsent.length > 0) this.host.pumpSoon();
  }

  /** The client has given a record up. */
  failed(entry: Entry, error: Error): void {
    this.sent--;
    this.suspectSent = false;
    this.last = error;
    const verdict = verdictOf(error);
    switch (verdict) {
      case 'denied':
        if (this.isTold(entry)) this.refuse(entry, refusedError(this.topic, error));
        else this.waitForRight(error);
        break;
      case 'refused':
        this.refuse(entry, refusedError(this.topic, error));
        break;
      case 'suspect':
        if (entry.suspect) this.refuse(entry, refusedError(this.topic, error));
        else entry.suspect = true;
        break;
      case 'expired':
        if (this.spill !== undefined) break;
        // The client goes on with those behind it.
        return this.reject(entry, expiredError(this.topic, this.host.deliveryTimeoutMs, undefined));
      case 'unknown topic':
        this.partitions = undefined;
        break;
      default:
        break;
    }
    this.host.replaceClient(error, verdict === 'refused' || verdict === 'suspect' || verdict === 'denied');
  }

  /** The client and what it had are gone: everything is sent again, in its order. */
  restart(): void {
    this.unsent = [...this.window.values()];
    this.sent = 0;
    this.suspectSent = false;
  }

  get inFlight(): number {
    return this.sent;
  }

  /** Without a queue: what has waited too long for the client is given up. */
  expire(nowMs: number): void {
    const { deliveryTimeoutMs } = this.host;
    let expired = 0;
    for (const entry of this.unsent) {
      if (nowMs - entry.sinceMs < deliveryTimeoutMs) break;
      this.reject(entry, expiredError(this.topic, deliveryTimeoutMs, this.last));
      expired++;
    }
    if (expired > 0) this.unsent = this.unsent.slice(expired);
  }

  /** Since when the first one in memory has been waiting; Infinity: there is none. */
  get oldestMs(): number {
    for (const { sinceMs, durable } of this.window.values()) if (!durable) return sinceMs;
    return Infinity;
  }

  /** Nobody sends anything any more: whoever waits is told. */
  abandon(): void {
    this.abandoned = true;
    for (const entry of [...this.window.values()]) {
      const error = closedError(entry.durable);
      entry.accepted?.reject(error);
      entry.delivered?.reject(error);
    }
    this.spill?.abandon();
    this.unsent = [];
  }

  /** Whether somebody waits who hears of its end. */
  private isTold({ delivered, accepted, durable }: Entry): boolean {
    return this.spill === undefined || delivered !== undefined || (accepted !== undefined && !durable);
  }

  /** What was accepted is delivered when the right is there again. */
  private waitForRight(error: Error): void {
    const { clock, logger } = this.host;
    const nowMs = clock.monotonic();
    // Each record of a batch is told.
    if (nowMs < this.deniedUntilMs) return;
    const [first, longest] = DENIED_MS;
    if (this.deniedMs === 0)
      logger.warn(`events for topic '${this.topic}' wait in the queue: ${error.message}`, { topic: this.topic });
    this.deniedMs = Math.min(Math.max(first, 2 * this.deniedMs), longest);
    this.deniedUntilMs = nowMs + this.deniedMs;
  }

  private refuse(entry: Entry, error: Error): void {
    // Who has been told that it was accepted, and does not wait for its delivery, must find it elsewhere.
    if (this.isTold(entry)) return this.reject(entry, error);
    if (this.abandoned) return;
    entry.refused = true;
    // It stays in the queue until it is kept; nothing behind it waits for that.
    this.host.keepRefused(entry, error).then(
      () => this.reject(entry, error),
      (cause: unknown) => {
        this.host.logger.error(`an event that was refused cannot be kept: ${(cause as Error).message}`, {
          topic: this.topic,
        });
        this.host.scheduler.after(ASK_AGAIN_MS, () => this.refuse(entry, error));
      },
    );
  }

  private reject(entry: Entry, error: Error): void {
    if (!this.remove(entry)) return;
    entry.accepted?.reject(error);
    entry.delivered?.reject(error);
  }

  private remove(entry: Entry): boolean {
    if (!this.window.delete(entry.seq)) return false;
    this.memoryBytes -= entry.bytes;
    if (!entry.durable) this.volatileOfWindow -= entry.bytes;
    this.spill?.finished(entry);
    this.host.freed();
    return true;
  }

  private partitionFor({ key, partition }: EncodedRecord): number | undefined | Error {
    const partitions = this.partitions as number;
    if (partition === undefined) return key === null ? undefined : javaPartition(key, partitions);
    if (partition < partitions) return partition;
    return new MillraceError('RECORD_REFUSED', {
      message: `topic '${this.topic}' has no partition ${partition}: there are ${partitions}, from 0 on. Correct partition.`,
      fields: { topic: this.topic, partition },
    });
  }

  /** Whether the number of partitions is known; asks for it otherwise, and from time to time. */
  private known(): boolean {
    const nowMs = this.host.clock.monotonic();
    const dueMs = this.partitions === undefined ? ASK_AGAIN_MS : METADATA_MS;
    if (!this.asking && nowMs - this.askedMs >= dueMs) {
      this.asking = true;
      this.askedMs = nowMs;
      this.host.partitionsOf(this.topic).then(
        (partitions) => {
          this.asking = false;
          this.partitions = partitions;
          this.host.pumpSoon();
        },
        (error: Error) => {
          this.asking = false;
          this.askedMs = this.host.clock.monotonic();
          if (this.last?.message !== error.message && this.partitions === undefined)
            this.host.logger.warn(`events for topic '${this.topic}' wait: ${error.message}`, { topic: this.topic });
          this.last = error;
        },
      );
    }
    return this.partitions !== undefined;
  }
}
