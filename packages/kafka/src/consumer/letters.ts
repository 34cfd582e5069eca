import {
  messageOf,
  MillraceError,
  systemClock,
  systemScheduler,
  type ErrorCode,
  type OriginalRecord,
  type RecordHeader,
} from 'millrace';
import pRetry from 'p-retry';
import { utf8Of } from '../bytes/utf8.ts';
import type { OutgoingRecord, ProducerDriver } from '../driver/driver.ts';
import { watched } from '../driver/watchdog.ts';
import type { SharedAdmin } from '../session/shared-admin.ts';
import { headersOf, KEPT } from '../sink/dead-letters.ts';
import { shortenedLetter } from '../sink/shortened-letter.ts';
import { letterTopic, type ConsumerSettings } from './consumer-options.ts';

/** How long the brokers may take to take letters, milliseconds; then they are written again through another producer. */
const WRITE_MS = 30_000;
/** Tries of a batch of letters before the consumer ends: without its letter a record cannot be done. */
const TRIES = { retries: 8, minTimeout: 100, maxTimeout: 5_000 } as const;

/** Why a record could not be processed. */
export interface Rejection {
  readonly original: OriginalRecord;
  readonly error: unknown;
  /** `undefined`: it could not be decoded. */
  readonly operator: string | undefined;
  readonly attempts: number;
}

interface Waiting {
  readonly record: OutgoingRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes dead letters, those that wait for each other together. A letter counts once the brokers have acknowledged it; after a failure
 * it may be there twice.
 */
export class Letters {
  private readonly settings: ConsumerSettings;
  private readonly admin: SharedAdmin;
  private readonly made = new Set<string>();
  private waiting: Waiting[] = [];
  private producer: ProducerDriver | undefined;
  private failures: Error[] = [];
  private writing: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(settings: ConsumerSettings, admin: SharedAdmin) {
    this.settings = settings;
    this.admin = admin;
  }

  /** Resolves when the letter is written. @throws MillraceError `IO_FAILED` if it cannot be */
  async write(rejection: Rejection): Promise<void> {
    this.closing.signal.throwIfAborted();
    const record = this.recordOf(rejection);
    return new Promise((resolve, reject) => {
      this.waiting.push({ record, resolve, reject });
      this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
    });
  }

  /** What is being sent is awaited; what has failed is not tried again. */
  async close(): Promise<void> {
    this.closing.abort(new Error('the consumer has ended'));
    await this.writing;
    await this.closeProducer();
  }

  private async closeProducer(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.close();
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      try {
        await this.send(batch.map(({ record }) => record));
        for (const { resolve } of batch) resolve();
      } catch {
        // One of them may be at fault: each for itself.
        for (const one of batch) await this.alone(one);
      }
    }
  }

  private async alone({ record, resolve, reject }: Waiting): Promise<void> {
    let letter = record;
    try {
      await pRetry(
        async () => {
          try {
            await this.send([letter]);
          } catch (error) {
            letter = shortenedLetter(letter) ?? letter;
            // A copy: what p-retry is given it may take for a mistake of the program.
            throw new Error(messageOf(error), { cause: error });
          }
        },
        { ...TRIES, signal: this.closing.signal },
      );
      resolve();
    } catch (error) {
      const message = `the dead letter of a record cannot be written to '${record.topic}': ${messageOf(error)}`;
      reject(new MillraceError('IO_FAILED', { message, retryable: true, cause: error }));
    }
  }

  private async send(records: readonly OutgoingRecord[]): Promise<void> {
    try {
      for (const topic of new Set(records.map((record) => record.topic))) await this.make(topic);
      this.producer ??= await this.open();
      const { producer } = this;
      this.failures = [];
      for (const record of records) while (!producer.send(record)) await this.flushed(producer);
      await this.flushed(producer);
      if (this.failures[0] !== undefined) throw this.failures[0];
    } catch (error) {
      // After a record was given up it may take nothing any more.
      void this.closeProducer().catch(() => undefined);
      throw error;
    }
  }

  private open(): Promise<ProducerDriver> {
    const { connection } = this.settings;
    return connection.driver.producer(connection.producer(), { failed: (error) => this.failures.push(error) });
  }

  private flushed(producer: ProducerDriver): Promise<void> {
    return watched('writing dead letters', systemScheduler, producer.flush(), WRITE_MS);
  }

  private async make(name: string): Promise<void> {
    if (this.made.has(name)) return;
    const { partitions = 1, config } = this.settings.letters;
    const admin = await this.admin.client();
    if ((await admin.topics([name])).length === 0)
      await admin.createTopics([{ name, partitions, replication: -1, config: { ...KEPT, ...config } }]);
    this.made.add(name);
  }

  private recordOf({ original, error, operator, attempts }: Rejection): OutgoingRecord {
    const { group, letters } = this.settings;
    const why = headersOf({
      source: group,
      partition: String(original.partition),
      position: original.offset,
      ...(operator === undefined ? {} : { operator }),
      code: codeOf(error, operator),
      message: messageOf(error),
      time: systemClock.now(),
      original,
    });
    const tries: RecordHeader = ['millrace.attempts', utf8Of(String(attempts))];
    return {
      topic: letters.topic ?? letterTopic(group, original.topic),
      partition: (letters.partitions ?? 1) === 1 ? 0 : undefined,
      key: original.key,
      value: original.value,
      timestamp: original.timestamp >= 0 ? original.timestamp : undefined,
      headers: [...original.headers, ...why, tries],
    };
  }
}

function codeOf(error: unknown, operator: string | undefined): ErrorCode {
  if (error instanceof MillraceError) return error.code;
  return operator === undefined ? 'RECORD_MALFORMED' : 'USER_FUNCTION';
}
