import { bufferOf } from '../bytes/utf8.ts';
import type {
  GivenUpRecord,
  GroupOffset,
  MemberDriver,
  OutgoingRecord,
  ProducerDriver,
  ProducerEvents,
} from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type { ClientModule, ClientProducer } from './client-types.ts';
import { ConfluentMember } from './confluent-member.ts';
import { Trouble } from './trouble.ts';

const QUEUE_FULL = -184;
/** Records thrown away by an abort. */
const PURGED = new Set([-151, -152]);
/**
 * After so long a call gives its thread back, milliseconds. Node has four of them for files and all else; without a limit two
 * calls that never return, and the two that wait to free their clients, end all work on files. It is above the watchdog's:
 * a call that was cut short leaves the client out of step with the broker, so it must have been given up by then.
 */
const THREAD_MS = 70_000;

const TIMED_OUT = -185;
/**
 * A flush is asked for in slices of this length: after a record was refused it never ends, holds a thread of the pool and keeps
 * the client from closing.
 */
const FLUSH_SLICE_MS = 200;
/** Of the client's `disconnect`: what was not flushed by the one who closes it is not wanted. Its default is 5 s. */
const FLUSH_MS = 1;

/** A value is missing where it is none. */
type Report = Omit<GivenUpRecord, 'value'> & { readonly value?: Uint8Array | null };

/** A producer of the client. */
export class ConfluentProducer implements ProducerDriver {
  private readonly client: ClientProducer;
  /** transactional.id */
  private readonly id: string;
  private readonly calls = new Set<Promise<unknown>>();
  private closed = false;

  private constructor(client: ClientProducer, id: string) {
    this.client = client;
    this.id = id;
  }

  static async open(
    module: ClientModule,
    settings: Readonly<Record<string, unknown>>,
    events: ProducerEvents,
  ): Promise<ConfluentProducer> {
    const client = new module.RdKafka.Producer({ ...settings, dr_msg_cb: true, 'delivery.report.only.error': true });
    client.on('delivery-report', (error: { readonly code?: number } | null, report: Report) => {
      if (error === null || error === undefined || PURGED.has(error.code ?? 0)) return;
      const { topic, partition, key, value = null } = report;
      events.failed(kafkaError(`writing to ${topic}`, error), { topic, partition, key, value });
    });
    const trouble = new Trouble(settings).watch(client);
    await trouble.during(call('connecting the producer', (done) => client.connect(CONNECT, done)));
    client.setPollInBackground(true);
    return new ConfluentProducer(client, String(settings['transactional.id']));
  }

  initTransactions(): Promise<void> {
    return this.step(`initTransactions of '${this.id}'`, (done) => this.client.initTransactions(THREAD_MS, done));
  }

  begin(): Promise<void> {
    return this.step('beginTransaction', (done) => this.client.beginTransaction(done));
  }

  async sendOffsets(member: MemberDriver, offsets: readonly GroupOffset[]): Promise<void> {
    // The client follows a null pointer for a consumer that is not connected.
    if (!(member instanceof ConfluentMember) || member.closed)
      throw kafkaError('sendOffsetsToTransaction', new Error('the member has left the group'));
    await this.step('sendOffsetsToTransaction', (done) =>
      this.client.sendOffsetsToTransaction(offsets, member.client, THREAD_MS, done),
    );
  }

  commit(): Promise<void> {
    return this.step('commitTransaction', (done) => this.client.commitTransaction(THREAD_MS, done));
  }

  abort(): Promise<void> {
    return this.step('abortTransaction', (done) => this.client.abortTransaction(THREAD_MS, done));
  }

  send({ topic, partition, key, value, timestamp, headers }: OutgoingRecord): boolean {
    try {
      this.client.produce(
        topic,
        partition ?? null,
        value === null ? null : present(value),
        key === null ? null : present(key),
        timestamp,
        undefined,
        headers.length === 0 ? undefined : headers.map(([name, bytes]) => ({ [name]: present(bytes) })),
      );
      return true;
    } catch (error) {
      if ((error as { readonly code?: number }).code === QUEUE_FULL) return false;
      throw kafkaError(`writing to ${topic}`, error);
    }
  }

  async flush(): Promise<void> {
    while (!(await this.flushed()));
    // Reports were handed to the event loop before, but may come to their turn after.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** `false`: not yet. */
  private async flushed(): Promise<boolean> {
    try {
      await this.step('flush', (done) => this.client.flush(FLUSH_SLICE_MS, done));
      return true;
    } catch (error) {
      if ((error as { readonly fields?: { readonly kafka?: number } }).fields?.kafka === TIMED_OUT) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    // The client frees its memory at once, whoever is using it: what was given up is freed once its last call is back.
    if (this.calls.size === 0) await this.free();
    else void Promise.allSettled(this.calls).then(() => this.free());
  }

  private async free(): Promise<void> {
    await disconnected((done) => this.client.disconnect(FLUSH_MS, done));
  }

  private async step(name: string, act: (done: (error: unknown, result: unknown) => void) => void): Promise<void> {
    if (this.closed) throw kafkaError(name, new Error('the producer is closed'));
    const calling = call<unknown>(name, act);
    this.calls.add(calling);
    try {
      await calling;
    } finally {
      this.calls.delete(calling);
    }
  }
}

/**
 * Nothing, but there. The client takes a buffer without memory of its own for no value at all: text that is empty would become a
 * tombstone. A part of a buffer that has some is empty and is there.
 */
const EMPTY = Buffer.alloc(1).subarray(0, 0);

function present(bytes: Uint8Array): Buffer {
  return bytes.length === 0 ? EMPTY : bufferOf(bytes);
}
