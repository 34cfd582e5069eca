import type { Duration, Logger, Schema } from 'millrace';
import type { PartitionOffset } from '../driver/driver.ts';
import type { Format } from '../formats/format.ts';
import type { ConnectionOptions } from '../settings/connection.ts';

/** How values of one topic become bytes. */
export interface ProducerTopic {
  /** Default: `kafka.json(schema)`. */
  readonly format?: Format<unknown>;
  readonly schema?: Schema<unknown>;
  /** Largest event, bytes of key, value and headers. Default 1,000,000: what brokers take by default, less their own share. */
  readonly maxRecordBytes?: number;
}

/** Where events stay until they are delivered. */
export interface ProducerQueue {
  /** Folder of this producer alone; made if it does not exist. */
  readonly directory: string;
  /** Room on disk, bytes; when it is used up, `send` and `enqueue` wait. At least 65,536. */
  readonly maxBytes: number;
}

/** Options of `kafka.producer`. */
export interface ProducerOptions extends ConnectionOptions {
  /** By topic. Values of all others are written as JSON. */
  readonly topics?: Readonly<Record<string, ProducerTopic>>;
  /** Default: none; what is not delivered when the process ends is lost. */
  readonly queue?: ProducerQueue;
  /**
   * How long an event may take to be delivered, after which `send` rejects. With a queue nothing is given up: the client is replaced
   * by a new one when nothing was delivered for so long. Default '2m'.
   */
  readonly deliveryTimeout?: Duration;
  /** Name for transactions, the same after a restart: it ends what a predecessor has left. With it events are sent in transactions only. */
  readonly transactionalId?: string;
  /** How long a transaction may take before the brokers abort it. Default '1m'. */
  readonly transactionTimeout?: Duration;
  /** Default: warnings and errors on stderr. */
  readonly logger?: Logger;
}

/** An event to be written. */
export interface ProducerRecord {
  readonly topic: string;
  /** Text is written as UTF-8. Events of one key stay in order. Default: none. */
  readonly key?: string | Uint8Array | null;
  /** `null`: a tombstone. */
  readonly value: unknown;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
  /** Epoch milliseconds, from 1 on. Default: now. */
  readonly timestamp?: number;
  /** Default: by the key as Java's producer does; any for an event without key. */
  readonly partition?: number;
}

/** Where an event was written. */
export type Delivered = PartitionOffset;

/** Events of one transaction. */
export interface ProducerTransaction {
  /**
   * Resolves when the event was written; readers of committed records see it once the transaction has committed. It need not be
   * awaited: the transaction waits, and is aborted if one fails.
   */
  send(record: ProducerRecord): Promise<Delivered>;
}

/** Writes events outside of dataflows. */
export interface KafkaProducer {
  /**
   * Resolves when the event is delivered: acknowledged by all replicas in sync.
   *
   * @throws {MillraceError} what can never be delivered: `RECORD_MALFORMED`, `RECORD_TOO_LARGE`, `RECORD_REFUSED` (by the brokers:
   *   not authorised, not valid). Without a queue `IO_FAILED` or `IO_NOT_FOUND` (no such topic) after `deliveryTimeout`. After `close`
   *   `JOB_STATE`; `fields.kept` says whether the event is in the queue.
   */
  send(record: ProducerRecord): Promise<Delivered>;
  /**
   * Resolves when the event is safe: durable in the queue, or delivered. It will be delivered, by this process or the next one with the
   * queue's directory. Without a queue only delivery is safe.
   *
   * @throws {MillraceError} as `send`, for what is known by then
   */
  enqueue(record: ProducerRecord): Promise<void>;
  /** Resolves when there is room for more: memory, and the queue on disk. */
  ready(): Promise<void>;
  /**
   * Writes all events that `work` sends, or none of them; one transaction after the other. Needs `transactionalId`.
   *
   * @returns what `work` returned, once the transaction has committed
   * @throws {MillraceError} `OPTION_INVALID` without `transactionalId`; `IO_FAILED`, whose `fields.outcome` is `'aborted'` or `'unknown'`;
   *   and what `work` throws, after which the transaction was aborted
   */
  transaction<R>(work: (transaction: ProducerTransaction) => R | Promise<R>): Promise<R>;
  /** Events that were taken and not delivered, those of earlier processes included. */
  readonly pending: number;
  /**
   * Takes nothing more, delivers what there is, and closes. After `within` (default '10s') what is left stays in the queue; without a
   * queue its `send` rejects.
   *
   * @returns how many events were not delivered
   */
  close(options?: { readonly within?: Duration }): Promise<number>;
}
