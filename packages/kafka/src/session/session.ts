import { MillraceError, type CommittedPositions, type CommitRecord, type Logger, type Scheduler } from 'millrace';
import type { AdminDriver, GroupOffset, OutgoingRecord, ProducerDriver, TopicPartition } from '../driver/driver.ts';
import { retryingAdmin } from '../driver/retrying-admin.ts';
import { CALL_MS, watched } from '../driver/watchdog.ts';
import type { Connection } from '../settings/connection.ts';
import { encodeMarker, lastMarker, type Marker } from './marker.ts';

/** What a session is made of. */
export interface SessionOptions {
  readonly connection: Connection;
  /** Consumer group and transactional.id of the job. */
  readonly group: string;
  readonly transactional: boolean;
  readonly transactionTimeoutMs: number;
  readonly lingerMs: number;
  /** A topic that carries the marker of a job without Kafka source: its partition 0 gets an offset of the group. */
  readonly markerTopic?: string;
  /** Put before the names of topics of the job's own. */
  readonly prefix: string;
}

/** What a connector needs of the process. */
export interface SessionContext {
  readonly scheduler: Scheduler;
  readonly logger: Logger;
}

/** What a Kafka source has told of itself: its partitions by their ids. */
export interface SessionSource {
  readonly topicPartition: (id: string) => TopicPartition;
}

/**
 * What the Kafka connectors of one job share: one producer, one transaction after the other, one group.
 *
 * A life of the job begins with `begin`: a new producer, which locks out every one before it, and the marker. Whatever fails
 * afterwards makes the job begin another life; no doubtful transaction is ever gone on with.
 */
export class KafkaSession {
  readonly options: SessionOptions;
  readonly connection: Connection;
  private readonly context: SessionContext;
  private readonly sources = new Map<string, SessionSource>();
  private readonly sinkTopics = new Set<string>();
  private admins: Promise<AdminDriver> | undefined;
  private producer: ProducerDriver | undefined;
  private failure: Error | undefined;
  private inTransaction = false;
  private lastOffsets = new Map<string, number>();
  private listeners: (() => void)[] = [];

  constructor(options: SessionOptions, context: SessionContext) {
    this.options = options;
    this.connection = options.connection;
    this.context = context;
  }

  /** One client for questions, for all connectors. */
  admin(): Promise<AdminDriver> {
    const { driver } = this.connection;
    const { scheduler } = this.context;
    if (this.admins === undefined) {
      const opened = driver.admin(this.connection.admin).then((admin) => retryingAdmin(admin, scheduler));
      this.admins = opened;
      // Brokers that cannot be reached now may be there in the next life of the job.
      opened.catch(() => {
        if (this.admins === opened) this.admins = undefined;
      });
    }
    return this.admins;
  }

  registerSource(name: string, source: SessionSource): void {
    this.sources.set(name, source);
  }

  registerSink(topic: string): void {
    this.sinkTopics.add(topic);
  }

  /** Calls back when a record was given up or the producer failed. */
  onFailure(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Of the last life nothing is left; a new one may begin. */
  async begin(): Promise<void> {
    await this.endProducer();
    this.listeners = [];
    this.failure = undefined;
    this.lastOffsets = new Map();
    // Makes sure that the cluster can be reached, and says what is wrong if not.
    await this.admin();
    const { connection, options } = this;
    const { group, transactional, transactionTimeoutMs, lingerMs } = options;
    const transaction = transactional ? { id: group, timeoutMs: transactionTimeoutMs, lingerMs } : undefined;
    const settings = connection.producer(transaction);
    const producer = await this.watch(
      'connecting the producer',
      connection.driver.producer(settings, { failed: (error) => this.fail(error) }),
    );
    this.producer = producer;
    if (transactional) await this.watch('initTransactions', producer.initTransactions());
  }

  /**
   * The marker of the last commit.
   *
   * @param stable whether a transaction that is about to be decided is waited for
   */
  async marker(stable: boolean): Promise<Marker | undefined> {
    const admin = await this.admin();
    return lastMarker(await admin.committed(this.options.group, stable));
  }

  /**
   * Takes a record; `false`: no room now, or never again. A producer that has failed is no fault of the record: `check` tells,
   * and the job is rolled back.
   */
  send(record: OutgoingRecord): boolean {
    const { producer } = this;
    if (this.failure !== undefined || producer === undefined) return false;
    if (this.options.transactional && !this.inTransaction) return false;
    try {
      return producer.send(record);
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }

  /** Opens the transaction that everything sent from now on belongs to. */
  async ensureTransaction(): Promise<void> {
    if (!this.options.transactional || this.inTransaction || this.producer === undefined) return;
    await this.watch('beginTransaction', this.producer.begin());
    this.inTransaction = true;
  }

  /** Everything sent has reached the brokers. */
  async flush(): Promise<void> {
    if (this.producer !== undefined) await this.watch('flush', this.producer.flush());
    this.check();
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** The commit point: offsets, marker and output become the truth together. */
  async commit(record: CommitRecord, positions: readonly CommittedPositions[]): Promise<void> {
    const { producer, options } = this;
    if (producer === undefined) throw new MillraceError('JOB_STATE', { message: 'the Kafka session is closed' });
    this.check();
    await this.ensureTransaction();
    const offsets = await this.offsetsOf(positions, encodeMarker({ ...record, writer: options.group }));
    await this.watch('sendOffsetsToTransaction', producer.sendOffsets(options.group, offsets));
    this.inTransaction = false;
    await this.watch('commitTransaction', producer.commit());
    this.check();
    for (const { topic, partition, offset } of offsets) this.lastOffsets.set(`${topic}-${partition}`, offset);
    await this.ensureTransaction();
  }

  /** The life is over; nothing that was not committed will ever be seen. */
  async endProducer(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    this.inTransaction = false;
    if (producer !== undefined) await producer.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    await this.endProducer();
    await (await this.admins?.catch(() => undefined))?.close();
    this.admins = undefined;
  }

  watch<R>(step: string, act: Promise<R>, limitMs: number = CALL_MS): Promise<R> {
    return watched(step, this.context.scheduler, act, limitMs);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    for (const listener of this.listeners) listener();
  }

  /** Partitions that moved on; the lowest one always, because it carries the marker. */
  private async offsetsOf(positions: readonly CommittedPositions[], marker: string): Promise<readonly GroupOffset[]> {
    const all: GroupOffset[] = [];
    for (const { source, partitions } of positions) {
      const registered = this.sources.get(source);
      if (registered === undefined) continue;
      for (const { id, position } of partitions) {
        const offset = (position as { readonly offset?: number } | undefined)?.offset;
        if (offset !== undefined) all.push({ ...registered.topicPartition(id), offset });
      }
    }
    all.sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition));
    const [lowest, ...others] = all;
    if (lowest === undefined) return [{ ...(await this.markerPartition()), offset: 0, metadata: marker }];
    const moved = others.filter(
      ({ topic, partition, offset }) => this.lastOffsets.get(`${topic}-${partition}`) !== offset,
    );
    return [{ ...lowest, metadata: marker }, ...moved];
  }

  /** Where the marker of a job without Kafka source stands. */
  private markerPartition(): Promise<TopicPartition> {
    const topic = this.options.markerTopic ?? [...this.sinkTopics].sort()[0];
    if (topic !== undefined) return Promise.resolve({ topic, partition: 0 });
    return Promise.reject(
      new MillraceError('OPTION_INVALID', { message: 'kafka.solo() needs a Kafka source or sink in the dataflow.' }),
    );
  }
}
