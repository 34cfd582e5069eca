import type { RecordHeader } from 'millrace';

/** A record as a handler of `kafka.consumer` gets it. */
export interface ConsumedRecord<T = unknown, K = string> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Epoch milliseconds; NaN where the record has none. */
  readonly timestamp: number;
  /** `null`: the record has none. Of all records with one key the next is handed over when the one before it is done. */
  readonly key: K | null;
  /** `null`: a tombstone. */
  readonly value: T | null;
  readonly headers: readonly RecordHeader[];
  /** Which try this is, from 1 on. */
  readonly attempt: number;
  /**
   * Aborted when the handler's time is over: the partition goes to another member, or the consumer stops, and the limit
   * (`drainTimeout`) has passed. What the handler does afterwards may be done a second time elsewhere.
   */
  readonly signal: AbortSignal;
}

/** What is done with each record. It is done once the promise has resolved; a rejection is a failed attempt. */
export type ConsumerHandler<T = unknown, K = string> = (record: ConsumedRecord<T, K>) => Promise<void> | void;
