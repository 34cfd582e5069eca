import { MillraceError, messageOf, type Clock, type Scheduler } from 'millrace';
import type { ProducerDriver, ProducerEvents } from '../driver/driver.ts';
import { FENCED } from '../driver/kafka-error.ts';
import { CALL_MS, watched, watchedOpening } from '../driver/watchdog.ts';
import { initError } from '../session/start-checks.ts';
import { javaPartition } from '../sink/java-partitioner.ts';
import type { EncodedRecord, RecordEncoder } from './encode-record.ts';
import { deferred, type Deferred } from './entry.ts';
import type { Delivered, ProducerRecord, ProducerTransaction } from './producer-types.ts';
import { closedError, codeOf } from './verdict.ts';

/** What transactions are made of. */
export interface TransactionsParts {
  readonly openClient: (events: ProducerEvents) => Promise<ProducerDriver>;
  readonly partitionsOf: (topic: string) => Promise<number>;
  readonly encoder: RecordEncoder;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly transactionalId: string;
  readonly timeoutMs: number;
}

/** How long a full client is left alone, milliseconds. */
const FULL_MS = 2;

/**
 * Transactions of one transactional id, one after the other.
 *
 *   begin --> work, which sends --> all written --> commit
 *                \--anything fails--> abort; or, where that is in doubt, the client is given up, and the next one aborts it
 */
export class Transactions {
  private readonly parts: TransactionsParts;
  private client: ProducerDriver | undefined;
  private current: Transaction | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private closed = false;
  /** Another producer has the name now. To begin again would lock that one out, which would do the same, and so on. */
  private lockedOut = false;

  constructor(parts: TransactionsParts) {
    this.parts = parts;
  }

  /** Ends what a predecessor has left. @throws MillraceError `IO_FAILED` */
  async open(): Promise<void> {
    const { openClient, scheduler, timeoutMs } = this.parts;
    const events: ProducerEvents = {
      delivered: (id, place) => this.current?.delivered(id, place),
      failed: (error, _record, id) => this.current?.failed(error, id),
    };
    const client = await watchedOpening('connecting the producer', scheduler, openClient(events), CALL_MS);
    try {
      await watched('initTransactions', scheduler, client.initTransactions());
    } catch (error) {
      void client.close().catch(() => undefined);
      throw initError(error, timeoutMs);
    }
    this.client = client;
  }

  run<R>(work: (transaction: ProducerTransaction) => R | Promise<R>): Promise<R> {
    if (this.closed) return Promise.reject(closedError(false));
    const running = this.last.then(() => this.runNext(work));
    this.last = running.catch(() => undefined);
    return running;
  }

  /** When the transactions that were begun have ended, or after `withinMs`. */
  async close(withinMs: number): Promise<void> {
    this.closed = true;
    await new Promise<void>((resolve) => {
      const timer = this.parts.scheduler.after(withinMs, resolve);
      void this.last.then(() => {
        timer.cancel();
        resolve();
      });
    });
    this.giveUp(closedError(false));
  }

  private async runNext<R>(work: (transaction: ProducerTransaction) => R | Promise<R>): Promise<R> {
    if (this.lockedOut) throw lockedOutError(this.parts.transactionalId);
    if (this.client === undefined) await this.reopen();
    const client = this.client as ProducerDriver;
    const sinceMs = this.parts.clock.monotonic();
    const transaction = new Transaction(client, this.parts);
    this.current = transaction;
    let result: R;
    try {
      await this.step('beginTransaction', client.begin());
      result = await work(transaction);
      await transaction.written();
    } catch (error) {
      this.lookForSuccessor(transaction.failure ?? (error as Error), sinceMs);
      await this.abort(client, transaction, error as Error);
      throw transaction.failure === undefined ? error : endedError(transaction.failure, 'aborted');
    }
    try {
      await this.step('commitTransaction', client.commit());
    } catch (error) {
      this.lookForSuccessor(error as Error, sinceMs);
      this.giveUp(error as Error);
      throw endedError(error, 'unknown');
    }
    this.current = undefined;
    return result;
  }

  private async reopen(): Promise<void> {
    try {
      await this.open();
    } catch (error) {
      throw endedError(error, 'aborted');
    }
  }

  /** The same answer means that the transaction took too long, which it cannot have done before its time was over. */
  private lookForSuccessor(error: Error, sinceMs: number): void {
    const { clock, timeoutMs } = this.parts;
    if (codeOf(error) === FENCED && clock.monotonic() - sinceMs < timeoutMs) this.lockedOut = true;
  }

  private async abort(client: ProducerDriver, transaction: Transaction, error: Error): Promise<void> {
    // After a record was given up an abort may hang.
    if (transaction.failure !== undefined) return this.giveUp(error);
    transaction.end(error);
    this.current = undefined;
    try {
      await this.step('abortTransaction', client.abort());
    } catch (problem) {
      this.giveUp(problem as Error);
    }
  }

  /** The next client ends what this one has begun. */
  private giveUp(error: Error): void {
    const { client, current } = this;
    this.client = undefined;
    this.current = undefined;
    current?.end(error);
    void client?.close().catch(() => undefined);
  }

  private step<R>(name: string, act: Promise<R>): Promise<R> {
    return watched(name, this.parts.scheduler, act, Math.max(CALL_MS, this.parts.timeoutMs));
  }
}

/** One transaction. */
class Transaction implements ProducerTransaction {
  private readonly client: ProducerDriver;
  private readonly parts: TransactionsParts;
  private readonly flights = new Map<number, Deferred<Delivered>>();
  private readonly sends: Promise<Delivered>[] = [];
  private readonly partitions = new Map<string, Promise<number>>();
  /** Records go to the client in the order in which they were sent. */
  private turn: Promise<void> = Promise.resolve();
  private nextId = 1;
  private ended: Error | undefined;
  /** Of the first record that was not written. */
  failure: Error | undefined;

  constructor(client: ProducerDriver, parts: TransactionsParts) {
    this.client = client;
    this.parts = parts;
  }

  send(given: ProducerRecord): Promise<Delivered> {
    const sending = this.start(given);
    // Whoever does not wait for it hears of it from the transaction.
    sending.catch(() => undefined);
    this.sends.push(sending);
    return sending;
  }

  /** Resolves when everything that was sent is written. */
  async written(): Promise<void> {
    // What is sent while others are waited for belongs to it, too.
    for (let i = 0; i < this.sends.length; i++) await this.sends[i];
    this.ended = new Error('its transaction has ended.');
  }

  delivered(id: number, place: Delivered): void {
    this.flights.get(id)?.resolve(place);
    this.flights.delete(id);
  }

  failed(error: Error, id: number | undefined): void {
    this.failure ??= error;
    if (id === undefined) return;
    this.flights.get(id)?.reject(error);
    this.flights.delete(id);
  }

  /** Nothing is sent any more. */
  end(error: Error): void {
    this.ended = error;
    for (const flight of this.flights.values()) flight.reject(endedError(error, 'aborted'));
    this.flights.clear();
  }

  private start(given: ProducerRecord): Promise<Delivered> {
    const flight = deferred<Delivered>();
    try {
      if (this.ended !== undefined) throw endedError(this.ended, 'aborted');
      const record = this.parts.encoder.encode(given);
      this.turn = this.turn.then(() => this.hand(record, flight)).catch((error: Error) => flight.reject(error));
    } catch (error) {
      flight.reject(error as Error);
    }
    return flight.promise;
  }

  private async hand(record: EncodedRecord, flight: Deferred<Delivered>): Promise<void> {
    const partition = await this.partitionFor(record);
    const id = this.nextId++;
    this.flights.set(id, flight);
    while (this.ended === undefined && !this.client.send({ ...record, partition }, id))
      await new Promise<void>((resolve) => this.parts.scheduler.after(FULL_MS, resolve));
    if (this.ended !== undefined) throw endedError(this.ended, 'aborted');
  }

  private async partitionFor({ topic, key, partition }: EncodedRecord): Promise<number | undefined> {
    let asked = this.partitions.get(topic);
    if (asked === undefined) {
      asked = this.parts.partitionsOf(topic);
      this.partitions.set(topic, asked);
    }
    const partitions = await asked;
    if (partition === undefined) return key === null ? undefined : javaPartition(key, partitions);
    if (partition < partitions) return partition;
    throw new MillraceError('RECORD_REFUSED', {
      message: `topic '${topic}' has no partition ${partition}: there are ${partitions}, from 0 on. Correct partition.`,
      fields: { topic, partition },
    });
  }
}

function lockedOutError(transactionalId: string): MillraceError {
  return new MillraceError('JOB_STATE', {
    message:
      `another producer with transactionalId '${transactionalId}' has taken over, and this one is locked out. Give each process a ` +
      'transactionalId of its own; if this one is to go on, end the other one and open a new producer.',
    fields: { outcome: 'aborted' },
  });
}

/** @param outcome `unknown`: the commit was under way; the next transaction of the id finds it decided, whichever way */
function endedError(cause: unknown, outcome: 'aborted' | 'unknown'): MillraceError {
  if (cause instanceof MillraceError && cause.fields['outcome'] !== undefined) return cause;
  const known = cause instanceof MillraceError ? cause.fields : {};
  const what =
    outcome === 'aborted'
      ? 'The transaction was aborted, nothing of it is committed'
      : 'Whether the transaction was committed is not known: look for its events before you send them again';
  return new MillraceError('IO_FAILED', {
    message: `${what}: ${messageOf(cause)}`,
    fields: { ...known, outcome },
    cause,
    retryable: true,
  });
}
