import { MillraceError, type CommittedPositions, type CommitRecord, type Logger, type Scheduler } from 'millrace';
import type {
  AdminDriver,
  GroupOffset,
  OutgoingRecord,
  ProducerDriver,
  ProducerEvents,
  TopicDescription,
  TopicPartition,
} from '../driver/driver.ts';
import { CALL_MS, watched, watchedOpening } from '../driver/watchdog.ts';
import { Suspects } from '../refusals/suspects.ts';
import type { Connection } from '../settings/connection.ts';
import { Beginning } from './beginning.ts';
import { CommitOffsets } from './commit-offsets.ts';
import { encodeMarker, lastMarker, type Marker } from './marker.ts';
import { Membership } from './membership.ts';
import { Producers } from './producers.ts';
import { RestoredOffsets } from './restored-offsets.ts';
import { SharedAdmin } from './shared-admin.ts';
import { warnOfReplication } from './start-checks.ts';
import { UntilFailure } from './until-failure.ts';
import { Waiting } from './waiting.ts';

/** What a session is made of. */
export interface SessionOptions {
  readonly connection: Connection;
  /** Consumer group and transactional.id of the job. */
  readonly group: string;
  readonly transactional: boolean;
  readonly transactionTimeoutMs: number;
  readonly lingerMs: number;
  /** How long a call to the cluster may take. Default `CALL_MS`. */
  readonly callMs?: number;
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

/**
 * What the Kafka connectors of one job share: one producer, one transaction after the other, one group.
 *
 * A life of the job begins with `begin`: a new producer, which locks out every one before it, and the marker. Whatever fails
 * afterwards makes the job begin another life; no doubtful transaction is ever gone on with.
 */
export class KafkaSession {
  readonly options: SessionOptions;
  readonly connection: Connection;
  /** Records that brokers have refused; they outlive a life. */
  readonly suspects: Suspects;
  /** Where the sources go on. */
  readonly restored: RestoredOffsets;
  private readonly context: SessionContext;
  private readonly sources = new Map<string, () => readonly TopicPartition[]>();
  private readonly sinkTopics = new Set<string>();
  /** The output topic with the most partitions. */
  widestSink: { readonly topic: string; readonly partitions: number } | undefined;
  /** All that the group had committed when it was last asked for the marker. */
  groupOffsets: readonly GroupOffset[] = [];
  private readonly admins: SharedAdmin;
  private readonly producers: Producers;
  private producer: ProducerDriver | undefined;
  private failure: Error | undefined;
  private inTransaction = false;
  private readonly offsets = new CommitOffsets();
  /** What the group said when this life began; confirmed before its first commit. */
  readonly beginning: Beginning;
  /** Counts how often the job was begun afresh: markers of before do not count. */
  era = 0;
  private listeners: (() => void)[] = [];
  private membership: Membership | undefined;
  private requestCommit: (() => void) | undefined;
  private readonly commits = new Waiting();
  private readonly untilFailure = new UntilFailure();
  private events: ProducerEvents | undefined;

  constructor(options: SessionOptions, context: SessionContext) {
    this.options = options;
    this.connection = options.connection;
    this.context = context;
    this.suspects = new Suspects(context.logger);
    this.restored = new RestoredOffsets(options.group);
    this.beginning = new Beginning(options.group);
    const { connection, callMs } = this;
    this.admins = new SharedAdmin(connection, context.scheduler, callMs);
    this.producers = new Producers({ ...options, scheduler: context.scheduler, callMs });
  }

  /** One client for questions, for all connectors. */
  admin(): Promise<AdminDriver> {
    return this.admins.client();
  }

  /** A source of the job, and the partitions that it reads. */
  registerSource(name: string, partitions: () => readonly TopicPartition[]): void {
    this.sources.set(name, partitions);
  }

  async registerSink(topic: TopicDescription): Promise<void> {
    if (this.sinkTopics.has(topic.name)) return;
    this.sinkTopics.add(topic.name);
    const partitions = topic.partitions.length;
    if (partitions > (this.widestSink?.partitions ?? 0)) this.widestSink = { topic: topic.name, partitions };
    await warnOfReplication(await this.admin(), topic, this.context.logger);
  }

  /** How the job is asked for a commit; it has none without checkpoints. */
  onCommitWanted(request: (() => void) | undefined): void {
    this.requestCommit = request;
  }

  /** Calls back when a record was given up or the producer failed. */
  onFailure(listener: () => void): void {
    this.listeners.push(listener);
  }

  get logger(): Logger {
    return this.context.logger;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.context.scheduler.after(ms, resolve));
  }

  /** Of the last life nothing is left; a new one may begin. */
  async begin(): Promise<void> {
    await this.endLife();
    this.listeners = [];
    this.failure = undefined;
    this.offsets.clear();
    // Makes sure that the cluster can be reached, and says what is wrong if not.
    await this.admin();
    const { connection, options, suspects } = this;
    const { group, transactional } = options;
    await suspects.trial((failed) => this.producers.openTrial({ failed }), connection.batchBytes);
    const events: ProducerEvents = {
      failed: (error, record) => {
        // What a producer of a former life still says is worth knowing, and no failure of this one.
        const told = suspects.givenUp(error, record);
        if (this.events === events) this.fail(told);
      },
    };
    this.events = events;
    this.producer = await this.producers.open(events, suspects.batchBytes);
    if (!transactional) return;
    this.membership = new Membership({
      connection,
      group,
      ...this.context,
      callMs: this.callMs,
      needed: () => [...this.sources.values()].flatMap((partitions) => partitions()),
      members: async () => (await this.admin()).members(group),
      commitAll: () => this.commitAll(),
      fail: (error) => this.fail(error),
    });
  }

  /**
   * The marker of the last commit.
   *
   * @param stable whether a transaction that is about to be decided is waited for
   */
  async marker(stable: boolean): Promise<Marker | undefined> {
    const admin = await this.admin();
    const committed = await admin.committed(this.options.group, stable);
    this.restored.begin(committed);
    this.groupOffsets = committed;
    return lastMarker(committed);
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
      this.notTaken(error instanceof Error ? error : new Error(String(error)), record);
      return false;
    }
  }

  private notTaken(error: Error, record: OutgoingRecord): void {
    const { events } = this;
    if (!isStateError(error)) return this.fail(this.suspects.notTaken(error, record));
    // The transaction is lost already, and a report on its way says why.
    this.context.scheduler.after(REPORT_MS, () => {
      if (this.events === events) this.fail(error);
    });
  }

  /** Opens the transaction that everything sent from now on belongs to. */
  async ensureTransaction(): Promise<void> {
    if (!this.options.transactional || this.inTransaction || this.producer === undefined) return;
    // All sources are open by now. Afterwards offsets are those of this life.
    this.restored.check();
    this.restored.begin([]);
    await this.watch('beginTransaction', this.producer.begin());
    this.inTransaction = true;
  }

  /** Everything sent has reached the brokers. */
  async flush(): Promise<void> {
    this.check();
    if (this.producer !== undefined) await this.watch('flush', this.untilFailure.race(this.producer.flush()));
    this.check();
    this.suspects.settle();
  }

  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** The commit point: offsets, marker and output become the truth together. */
  async commit(record: CommitRecord, positions: readonly CommittedPositions[]): Promise<void> {
    const { producer, membership, options } = this;
    if (producer === undefined || membership === undefined)
      throw new MillraceError('JOB_STATE', { message: 'the Kafka session is closed' });
    this.check();
    await this.ensureTransaction();
    const offsets = await this.offsetsOf(positions, encodeMarker({ ...record, era: this.era, writer: options.group }));
    const member = await membership.joined(await this.topics());
    await this.beginning.confirm(await this.admin());
    this.check();
    try {
      await this.watch('sendOffsetsToTransaction', producer.sendOffsets(member, offsets));
      this.inTransaction = false;
      await this.watch('commitTransaction', producer.commit());
    } catch (error) {
      this.check();
      throw this.suspects.ofTransaction(error);
    }
    this.check();
    this.suspects.committed();
    this.offsets.committed(offsets);
    this.commits.happened();
    await this.ensureTransaction();
  }

  /** The life is over; nothing that was not committed will ever be seen. */
  private async endLife(): Promise<void> {
    const { producer, membership } = this;
    this.producer = undefined;
    this.events = undefined;
    this.membership = undefined;
    this.inTransaction = false;
    this.commits.never(new MillraceError('JOB_STATE', { message: 'the life of the job is over' }));
    await Promise.all([producer?.close().catch(() => undefined), membership?.close()]);
  }

  async close(): Promise<void> {
    await this.abortOpen();
    await this.endLife();
    await this.admins.close();
  }

  /**
   * A transaction that is left open hides what others have written behind it until its time is over. After a failure of the
   * client nothing more is asked of it.
   */
  private async abortOpen(): Promise<void> {
    const { producer, inTransaction, failure } = this;
    if (producer === undefined || !inTransaction || failure !== undefined) return;
    const { scheduler } = this.context;
    await watched('abortTransaction', scheduler, producer.abort(), ABORT_MS).catch(() => undefined);
  }

  watch<R>(step: string, act: Promise<R>): Promise<R> {
    return watched(step, this.context.scheduler, act, this.callMs);
  }

  /** A client of the driver, or none. */
  open<C extends { close(): Promise<void> }>(step: string, opening: Promise<C>): Promise<C> {
    return watchedOpening(step, this.context.scheduler, opening, this.callMs);
  }

  /** Everything processed up to now: a commit that was under way may have been cut before, the one behind it was not. */
  private async commitAll(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      this.requestCommit?.();
      await this.commits.next();
    }
  }

  private async topics(): Promise<readonly string[]> {
    const read = [...this.sources.values()].flatMap((partitions) => partitions().map(({ topic }) => topic));
    return read.length > 0 ? [...new Set(read)] : [(await this.markerPartition()).topic];
  }

  private get callMs(): number {
    return this.options.callMs ?? CALL_MS;
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.commits.never(error);
    this.untilFailure.failed(error);
    for (const listener of this.listeners) listener();
  }

  private async offsetsOf(positions: readonly CommittedPositions[], marker: string): Promise<readonly GroupOffset[]> {
    const offsets = this.offsets.next(positions, new Set(this.sources.keys()), marker);
    return offsets.length > 0 ? offsets : [{ ...(await this.markerPartition()), offset: 0, metadata: marker }];
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

/** The client takes nothing any more: a transaction must be aborted. */
function isStateError(error: Error): boolean {
  return (error as { readonly fields?: { readonly kafka?: unknown } }).fields?.kafka === -172;
}

/** How long the end of a job waits for its open transaction to be aborted, milliseconds; else its successor or its time-out ends it. */
const ABORT_MS = 5_000;

/** How long a report may be on its way, milliseconds. */
const REPORT_MS = 500;
