import type { Scheduler } from 'millrace';
import type { ProducerDriver, ProducerEvents } from '../driver/driver.ts';
import { watched, watchedOpening } from '../driver/watchdog.ts';
import type { TrialProducer } from '../refusals/trial.ts';
import type { Connection } from '../settings/connection.ts';
import { initError } from './start-checks.ts';

/** What producers are made of. */
export interface ProducersParts {
  readonly connection: Connection;
  /** transactional.id of those that have transactions. */
  readonly group: string;
  readonly transactional: boolean;
  readonly transactionTimeoutMs: number;
  readonly lingerMs: number;
  readonly scheduler: Scheduler;
  /** How long a call may take, milliseconds. */
  readonly callMs: number;
}

/** Opens the producers of a job, one after the other: each locks out those before it. */
export class Producers {
  private readonly parts: ProducersParts;

  constructor(parts: ProducersParts) {
    this.parts = parts;
  }

  /** A new one; under exactly-once its predecessor's transaction has ended. `batchBytes`: largest batch. */
  async open(events: ProducerEvents, batchBytes?: number): Promise<ProducerDriver> {
    const { connection, group, transactional, transactionTimeoutMs, lingerMs, scheduler, callMs } = this.parts;
    const transaction = transactional ? { id: group, timeoutMs: transactionTimeoutMs, lingerMs } : undefined;
    const opening = connection.driver.producer(connection.producer(transaction, batchBytes), events);
    const producer = await watchedOpening('connecting the producer', scheduler, opening, callMs);
    try {
      if (transactional) await this.watch('initTransactions', producer.initTransactions());
      return producer;
    } catch (error) {
      void producer.close().catch(() => undefined);
      throw initError(error, transactionTimeoutMs);
    }
  }

  /** One that finds out which record is refused; under exactly-once nothing it sends is ever committed. */
  async openTrial(events: ProducerEvents): Promise<TrialProducer> {
    const { transactional, scheduler } = this.parts;
    const producer = await this.open(events, 1);
    try {
      if (transactional) await this.watch('beginTransaction', producer.begin());
    } catch (error) {
      void producer.close().catch(() => undefined);
      throw error;
    }
    return {
      send: (record) => producer.send(record),
      flush: () => this.watch('flush', producer.flush()),
      // Not aborted: after a refusal that may hang. The next producer ends the transaction.
      close: () => producer.close(),
      pause: () => new Promise((resolve) => scheduler.after(1, resolve)),
    };
  }

  private watch<R>(step: string, act: Promise<R>): Promise<R> {
    return watched(step, this.parts.scheduler, act, this.parts.callMs);
  }
}
