import type { Clock, Logger, Scheduler } from 'millrace';
import type { OutgoingRecord } from '../driver/driver.ts';
import type { Entry } from './entry.ts';
import type { Delivered } from './producer-types.ts';
import type { SegmentLog } from './queue/segment-log.ts';

/** Who is told what became of a record. */
export interface Receiver {
  delivered(entry: Entry, place: Delivered): void;
  failed(entry: Entry, error: Error): void;
}

/** What a lane needs of its producer. */
export interface LaneHost {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  readonly deliveryTimeoutMs: number;
  /** Opens the topic's log; `undefined`: there is no queue. */
  readonly openLog: ((topic: string) => Promise<SegmentLog>) | undefined;
  keepRefused(entry: Entry, error: Error): Promise<void>;
  partitionsOf(topic: string): Promise<number>;
  /** Hands a record to the client; `false`: there is none, or it has no room. Throws for one that it will never take. */
  send(record: OutgoingRecord, receiver: Receiver, entry: Entry): boolean;
  /** The client is of no use any more: whatever it has not delivered is sent again, by another one. `progress`: see client-slot.ts. */
  replaceClient(reason: Error, progress: boolean): void;
  /** There may be something to send. */
  pumpSoon(): void;
  /** There may be room for more. */
  freed(): void;
}
