import { MillraceError } from 'millrace';
import type { GivenUpRecord, OutgoingRecord, ProducerDriver } from '../driver/driver.ts';
import { FENCED } from '../driver/kafka-error.ts';
import { watched } from '../driver/watchdog.ts';
import { cureOf, verdictOf } from '../refusals/verdict.ts';
import { Producers } from '../session/producers.ts';
import type { Cluster } from './scan.ts';

/** When the broker ends the transaction of a process that is gone without a successor, milliseconds. */
const TIMEOUT_MS = 60_000;
/** How long a full client is left alone, milliseconds. */
const RETRY_MS = 2;

/** Whether another process has begun with the same letters, or the transaction has run out of time. */
export function isFenced(error: unknown): boolean {
  return error instanceof MillraceError && error.fields['kafka'] === FENCED;
}

/** Why one of the records of a transaction will never be taken; `undefined`: it is no refusal. */
export function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof MillraceError)) return undefined;
  const code = error.fields['kafka'];
  const verdict = verdictOf(code);
  if (verdict !== 'record' && verdict !== 'neighbour') return undefined;
  return `${error.message} ${cureOf(code, true)}`.trim();
}

/** Writes letters and their marks: a transaction holds some of both, whole or not at all. */
export class Transactions {
  private readonly cluster: Cluster;
  private producer: ProducerDriver | undefined;
  private failure: Error | undefined;
  private rejectFailed: (error: Error) => void = () => undefined;
  private readonly failed = new Promise<never>((_, reject) => (this.rejectFailed = reject));

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.failed.catch(() => undefined);
  }

  /** The transaction of a predecessor with the same id is decided when it resolves, and the predecessor is locked out. */
  static async open(cluster: Cluster, id: string): Promise<Transactions> {
    const { connection, scheduler, callMs } = cluster;
    const transactions = new Transactions(cluster);
    const producers = new Producers({
      ...{ connection, scheduler, callMs, group: id, transactional: true },
      ...{ transactionTimeoutMs: TIMEOUT_MS, lingerMs: 0 },
    });
    transactions.producer = await producers.open({ failed: (error, record) => transactions.fail(error, record) });
    return transactions;
  }

  /** Once it has rejected, nobody knows what became of the transaction, and this object is closed. */
  async commit(records: readonly OutgoingRecord[]): Promise<void> {
    const { producer } = this;
    if (producer === undefined) throw new MillraceError('INVARIANT', { message: 'committed after a failure' });
    try {
      await this.watch('beginTransaction', producer.begin());
      for (const record of records) await this.send(producer, record);
      await this.watch('flush', Promise.race([producer.flush(), this.failed]));
      if (this.failure !== undefined) throw this.failure;
      await this.watch('commitTransaction', producer.commit());
    } catch (error) {
      await this.close();
      throw this.failure ?? error;
    }
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.close();
  }

  private async send(producer: ProducerDriver, record: OutgoingRecord): Promise<void> {
    while (!producer.send(record)) {
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => this.cluster.scheduler.after(RETRY_MS, resolve));
    }
  }

  private fail(error: Error, { topic }: GivenUpRecord): void {
    if (this.failure !== undefined) return;
    const { code, fields, retryable } = error as MillraceError;
    this.failure = new MillraceError(code, {
      message: `topic '${topic}' has not taken a record: ${error.message}`,
      fields,
      retryable,
      cause: error,
    });
    this.rejectFailed(this.failure);
  }

  private watch<R>(step: string, act: Promise<R>): Promise<R> {
    return watched(step, this.cluster.scheduler, act, this.cluster.callMs);
  }
}
