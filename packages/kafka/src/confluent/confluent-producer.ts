import { MillraceError } from 'millrace';
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
 * Calls about transactions are made in slices of this length, milliseconds, and gone on with as long as the producer is not closed:
 * a call holds one of the four threads that Node has for files and all else, and a process does not end before its threads are
 * free. A slice may take longer than it was told to, by `socket.timeout.ms`.
 */
const SLICE_MS = 10_000;

const TIMED_OUT = -185;
/**
 * A flush is asked for in slices of this length: after a record was refused it never ends, holds a thread of the pool and keeps
 * the client from closing.
 */
const FLUSH_SLICE_MS = 200;
/** Of the client's `disconnect`: what was not flushed by the one who closes it is not wanted. Its default is 5 s. */
const FLUSH_MS = 1;

/** A value is missing where it is none, or was not asked for. */
type Report = Omit<GivenUpRecord, 'value'> & {
  readonly value?: Uint8Array | null;
  readonly offset: number;
  readonly opaque?: number;
};

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
    const client = new module.RdKafka.Producer({ ...settings, ...reportSettings(events) });
    client.on('delivery-report', (error: { readonly code?: number } | null, report: Report) => {
      const { topic, partition, offset, key, value = null, opaque: id } = report;
      if (error === null || error === undefined) {
        if (id !== undefined) events.delivered?.(id, { topic, partition, offset });
      } else if (!PURGED.has(error.code ?? 0)) {
        events.failed(kafkaError(`writing to ${topic}`, error), { topic, partition, key, value }, id);
      }
    });
    const trouble = new Trouble(settings).watch(client);
    await trouble.during(call('connecting the producer', (done) => client.connect(CONNECT, done)));
    client.setPollInBackground(true);
    return new ConfluentProducer(client, String(settings['transactional.id']));
  }

  initTransactions(): Promise<void> {
    return this.inSlices(`initTransactions of '${this.id}'`, (done) => this.client.initTransactions(SLICE_MS, done));
  }

  begin(): Promise<void> {
    return this.step('beginTransaction', (done) => this.client.beginTransaction(done));
  }

  async sendOffsets(member: MemberDriver, offsets: readonly GroupOffset[]): Promise<void> {
    // The client follows a null pointer for a consumer that is not connected.
    if (!(member instanceof ConfluentMember) || member.closed)
      throw kafkaError('sendOffsetsToTransaction', new Error('the member has left the group'));
    await this.inSlices('sendOffsetsToTransaction', (done) => {
      if (member.closed) throw new Error('the member has left the group');
      this.client.sendOffsetsToTransaction(offsets, member.client, SLICE_MS, done);
    });
  }

  commit(): Promise<void> {
    return this.inSlices('commitTransaction', (done) => this.client.commitTransaction(SLICE_MS, done));
  }

  abort(): Promise<void> {
    return this.inSlices('abortTransaction', (done) => this.client.abortTransaction(SLICE_MS, done));
  }

  send({ topic, partition, key, value, timestamp, headers }: OutgoingRecord, id?: number): boolean {
    try {
      this.client.produce(
        topic,
        partition ?? null,
        value === null ? null : present(value),
        key === null ? null : present(key),
        timestamp,
        id,
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

  /** The client goes on with a call that was cut short when it is made again with the same values. */
  private async inSlices(name: string, act: (done: (error: unknown, result: unknown) => void) => void): Promise<void> {
    for (;;) {
      try {
        return await this.step(name, act);
      } catch (error) {
        if (this.closed || !isCutShort(error)) throw error;
      }
    }
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

/** Reports of all records without their contents, or of those that failed with what they were: nobody else knows it. */
function reportSettings(events: ProducerEvents): Record<string, boolean> {
  return events.delivered === undefined
    ? { dr_msg_cb: true, 'delivery.report.only.error': true }
    : { dr_cb: true, 'delivery.report.only.error': false };
}

/**
 * Nothing, but there. The client takes a buffer without memory of its own for no value at all: text that is empty would become a
 * tombstone. A part of a buffer that has some is empty and is there.
 */
const EMPTY = Buffer.alloc(1).subarray(0, 0);

function present(bytes: Uint8Array): Buffer {
  return bytes.length === 0 ? EMPTY : bufferOf(bytes);
}

function isCutShort(error: unknown): boolean {
  if (!(error instanceof MillraceError) || error.fields['kafka'] !== TIMED_OUT) return false;
  return (error.cause as { readonly isRetriable?: boolean } | undefined)?.isRetriable === true;
}
