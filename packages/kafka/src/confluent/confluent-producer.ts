import { bufferOf } from '../bytes/utf8.ts';
import type { GroupOffset, OutgoingRecord, ProducerDriver, ProducerEvents, TopicPartition } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type { ClientConsumer, ClientModule, ClientProducer } from './client-types.ts';
import { Trouble } from './trouble.ts';

const QUEUE_FULL = -184;
/** Records thrown away by an abort. */
const PURGED = new Set([-151, -152]);
/** Other time-outs than "none" may leave the client out of step with the broker. */
const NO_TIMEOUT = -1;

/** A producer of the client, and the consumer whose group its transactions commit offsets for. */
export class ConfluentProducer implements ProducerDriver {
  private readonly client: ClientProducer;
  private readonly module: ClientModule;
  private readonly settings: Readonly<Record<string, unknown>>;
  private groupMember: ClientConsumer | undefined;
  private closed = false;

  private constructor(module: ClientModule, client: ClientProducer, settings: Readonly<Record<string, unknown>>) {
    this.module = module;
    this.client = client;
    this.settings = settings;
  }

  static async open(
    module: ClientModule,
    settings: Readonly<Record<string, unknown>>,
    events: ProducerEvents,
  ): Promise<ConfluentProducer> {
    const { consumer: _consumer, ...own } = settings;
    const client = new module.RdKafka.Producer({ ...own, dr_cb: true, 'delivery.report.only.error': true });
    client.on('delivery-report', (error: { readonly code?: number } | null, report: TopicPartition) => {
      if (error === null || error === undefined || PURGED.has(error.code ?? 0)) return;
      events.failed(kafkaError(`writing to ${report?.topic}`, error), report);
    });
    const trouble = new Trouble(own).watch(client);
    await trouble.during(call('connecting the producer', (done) => client.connect(CONNECT, done)));
    client.setPollInBackground(true);
    return new ConfluentProducer(module, client, settings);
  }

  initTransactions(): Promise<void> {
    const step = `initTransactions of '${String(this.settings['transactional.id'])}'`;
    return this.step(step, (done) => this.client.initTransactions(NO_TIMEOUT, done));
  }

  begin(): Promise<void> {
    return this.step('beginTransaction', (done) => this.client.beginTransaction(done));
  }

  async sendOffsets(group: string, offsets: readonly GroupOffset[]): Promise<void> {
    const member = (this.groupMember ??= await this.openMember(group));
    if (this.closed) throw kafkaError('sendOffsetsToTransaction', new Error('the producer is closed'));
    await this.step('sendOffsetsToTransaction', (done) =>
      this.client.sendOffsetsToTransaction(offsets, member, NO_TIMEOUT, done),
    );
  }

  commit(): Promise<void> {
    return this.step('commitTransaction', (done) => this.client.commitTransaction(NO_TIMEOUT, done));
  }

  abort(): Promise<void> {
    return this.step('abortTransaction', (done) => this.client.abortTransaction(NO_TIMEOUT, done));
  }

  send({ topic, partition, key, value, timestamp, headers }: OutgoingRecord): boolean {
    try {
      this.client.produce(
        topic,
        partition ?? null,
        orNull(value),
        orNull(key),
        timestamp,
        undefined,
        headers.length === 0 ? undefined : headers.map(([name, bytes]) => ({ [name]: bufferOf(bytes) })),
      );
      return true;
    } catch (error) {
      if ((error as { readonly code?: number }).code === QUEUE_FULL) return false;
      throw kafkaError(`writing to ${topic}`, error);
    }
  }

  flush(): Promise<void> {
    return this.step('flush', (done) => this.client.flush(NO_TIMEOUT, done));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await disconnected((done) => this.client.disconnect(done));
    if (this.groupMember !== undefined) await disconnected((done) => this.groupMember?.disconnect(done));
  }

  private async openMember(group: string): Promise<ClientConsumer> {
    const member = new this.module.RdKafka.KafkaConsumer({
      ...(this.settings['consumer'] as object),
      'group.id': group,
    });
    const trouble = new Trouble(this.settings).watch(member);
    await trouble.during(call('connecting the group', (done) => member.connect(CONNECT, done)));
    return member;
  }

  private async step(name: string, act: (done: (error: unknown, result: unknown) => void) => void): Promise<void> {
    if (this.closed) throw kafkaError(name, new Error('the producer is closed'));
    await call<unknown>(name, act);
  }
}

function orNull(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : bufferOf(bytes);
}
