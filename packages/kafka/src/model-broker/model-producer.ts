import type {
  GroupOffset,
  MemberDriver,
  OutgoingRecord,
  ProducerDriver,
  ProducerEvents,
  TopicPartition,
} from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { Channel } from './channel.ts';
import { ModelMember } from './model-member.ts';
import type { ProducerIdentity } from './transactions.ts';

/** Settings of a producer. */
export interface ProducerSettings {
  readonly transactionalId: string | undefined;
  readonly transactionTimeoutMs: number;
  readonly lingerMs: number;
  /** Records that wait for the broker, above which no more are taken. */
  readonly queueRecords: number;
  readonly recordBytesMax: number;
  /** Bytes of a batch; a larger record has one of its own. */
  readonly batchBytes: number;
  /** Whether a record is sent again for ever (`message.timeout.ms` 0), instead of being given up when no answer has come. */
  readonly patient: boolean;
  /** Whether nothing is written any more behind a batch that was refused (`enable.gapless.guarantee`). */
  readonly gapless: boolean;
}

/** A record on its way. */
type Sent = OutgoingRecord & TopicPartition & { readonly id: number | undefined };

/** What the broker has said to a batch. */
interface Answer {
  readonly code: number;
  /** Offset of its first record. */
  readonly offset: number;
}

/** `doubtful`: a call has failed, the transaction can only be aborted. */
type State = 'idle' | 'open' | 'doubtful';

/** How often a client is of no use any more once a batch was refused. */
const STUCK_SHARE = 0.5;
/** Bytes of a record beside those of key, value and headers. */
const RECORD_OVERHEAD = 70;

/** A producer: one request at a time, so that records of a partition stay in order; what is sent again is written once. */
export class ModelProducer implements ProducerDriver {
  private readonly channel: Channel;
  private readonly settings: ProducerSettings;
  private readonly events: ProducerEvents;
  private identity: ProducerIdentity | undefined;
  private state: State = 'idle';
  /** Whether the broker knows of the transaction. */
  private registered = false;
  private failure: BrokerError | undefined;
  private queue: Sent[] = [];
  private underway = 0;
  private lingering = false;
  private flushing: (() => void)[] = [];
  private stuck = false;
  private closed = false;

  constructor(channel: Channel, settings: ProducerSettings, events: ProducerEvents) {
    this.channel = channel;
    this.settings = settings;
    this.events = events;
  }

  async initTransactions(): Promise<void> {
    const { transactionalId, transactionTimeoutMs } = this.settings;
    if (transactionalId === undefined) throw this.error('initTransactions', CODES.wrongState);
    this.identity = await this.step('initTransactions', 'predecessor locked out', () =>
      this.channel.broker.transactions.init(transactionalId, transactionTimeoutMs),
    );
  }

  /** Says nothing to the broker: of a producer that is locked out it succeeds. */
  async begin(): Promise<void> {
    this.check('beginTransaction');
    if (this.identity === undefined || this.state !== 'idle') throw this.error('beginTransaction', CODES.wrongState);
    await this.channel.local('transaction begun', () => {
      this.state = 'open';
      this.registered = false;
    });
  }

  async sendOffsets(member: MemberDriver, offsets: readonly GroupOffset[]): Promise<void> {
    const name = 'sendOffsetsToTransaction';
    if (!(member instanceof ModelMember) || member.closed)
      throw kafkaError(name, new Error('the member has left the group'));
    const identity = this.inTransaction(name);
    this.registered = true;
    await this.step(name, 'offsets sent', () => {
      const group = this.channel.broker.group(member.group);
      group.commitInTransaction(this.channel.broker.transactions.join(identity, group), member.identity, offsets);
    });
  }

  async commit(): Promise<void> {
    const identity = this.inTransaction('commitTransaction');
    if (this.failure === undefined) await this.delivered();
    this.check('commitTransaction');
    if (this.failure !== undefined) {
      this.state = 'doubtful';
      throw kafkaError('commitTransaction', this.failure);
    }
    await this.step('commitTransaction', 'transaction committed', () => this.end(identity, 'committed'));
    this.state = 'idle';
  }

  /** Also after a call of the transaction has failed; a request of it that is late then hits the next one. */
  async abort(): Promise<void> {
    const { identity } = this;
    this.check('abortTransaction');
    if (identity === undefined || this.state === 'idle') throw this.error('abortTransaction', CODES.wrongState);
    this.queue = [];
    this.stuck = false;
    await this.delivered();
    await this.step('abortTransaction', undefined, () => this.end(identity, 'aborted'));
    this.state = 'idle';
    this.failure = undefined;
  }

  send(record: OutgoingRecord, id?: number): boolean {
    const { transactionalId, queueRecords, recordBytesMax } = this.settings;
    this.check(`writing to ${record.topic}`);
    if (transactionalId !== undefined && this.state !== 'open') throw this.error('produce', CODES.wrongState);
    if (sizeOf(record) > recordBytesMax) throw this.error(`writing to ${record.topic}`, CODES.tooLarge);
    if (this.queue.length + this.underway >= queueRecords) return false;
    const count = this.channel.broker.topic(record.topic)?.length ?? 1;
    const partition = record.partition ?? Math.floor(this.channel.broker.random.next() * count);
    this.queue.push({ ...record, partition, id });
    this.linger();
    return true;
  }

  /** Of a producer that is locked out it succeeds, too: nothing is waiting any more. */
  async flush(): Promise<void> {
    if (this.closed) throw kafkaError('flush', new Error('the producer is closed'));
    await this.delivered();
    await this.channel.local('output flushed', () => undefined);
  }

  close(): Promise<void> {
    this.closed = true;
    this.queue = [];
    return Promise.resolve();
  }

  /** Every record taken was acknowledged or given up. */
  private delivered(): Promise<void> {
    if (this.queue.length + this.underway === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.flushing.push(resolve);
      this.deliver();
    });
  }

  private linger(): void {
    if (this.lingering || this.underway > 0) return;
    this.lingering = true;
    this.channel.host.scheduler.after(this.settings.lingerMs, () => {
      this.lingering = false;
      this.deliver();
    });
  }

  private deliver(): void {
    if (this.underway > 0 || this.closed || this.stuck) return;
    const records = this.queue;
    this.queue = [];
    this.underway = records.length;
    if (records.length === 0) {
      for (const flushed of this.flushing.splice(0)) flushed();
      return;
    }
    this.registered = true;
    const batches = batchesOf(records, this.settings.batchBytes);
    // Written once, however often it is asked for.
    let answers: readonly Answer[] | undefined;
    const request = (): Promise<readonly Answer[]> =>
      this.channel.call('produce', 'output sent', () => (answers ??= this.written(batches)));
    void this.answered(request)
      .then(
        (codes) => this.told(batches, codes),
        (error: unknown) => this.givenUp(records, errorOf(error)),
      )
      .then(() => {
        this.underway = 0;
        this.deliver();
      });
  }

  private async answered(request: () => Promise<readonly Answer[]>): Promise<readonly Answer[]> {
    for (;;) {
      try {
        return await request();
      } catch (error) {
        if (!this.settings.patient || this.closed || errorOf(error).code !== CODES.timedOut) throw error;
      }
    }
  }

  private written(batches: readonly (readonly Sent[])[]): readonly Answer[] {
    const { broker } = this.channel;
    const refused = new Map<string, number>();
    return batches.map((batch) => {
      const first = batch[0] as Sent;
      const id = partitionId(first.topic, first.partition);
      const offset = broker.log(first).highWatermark;
      const code = refused.get(id) ?? broker.produce(this.identity, batch);
      if (code !== 0 && this.settings.gapless) refused.set(id, CODES.gap);
      return { code, offset };
    });
  }

  private told(batches: readonly (readonly Sent[])[], answers: readonly Answer[]): void {
    batches.forEach((batch, i) => {
      const { code, offset } = answers[i] as Answer;
      if (code !== 0) return this.givenUp(batch, new BrokerError(code));
      batch.forEach(({ id, topic, partition }, n) => {
        if (id !== undefined && !this.closed) this.events.delivered?.(id, { topic, partition, offset: offset + n });
      });
    });
  }

  private givenUp(records: readonly Sent[], error: BrokerError): void {
    this.failure = error;
    // The client waits for numbers of its own counting that will never come: nothing it takes from now on goes out.
    const stuck = this.settings.gapless || this.channel.broker.random.next() < STUCK_SHARE;
    if (error.code !== CODES.fenced && stuck) this.stuck = true;
    for (const { topic, partition, key, value, id } of this.closed ? [] : records)
      this.events.failed(kafkaError(`writing to ${topic}`, error), { topic, partition, key, value }, id);
  }

  private end(identity: ProducerIdentity, state: 'committed' | 'aborted'): void {
    // An empty transaction is the client's own affair.
    if (this.registered) this.channel.broker.transactions.end(identity, state);
  }

  private inTransaction(name: string): ProducerIdentity {
    this.check(name);
    if (this.identity === undefined || this.state !== 'open') throw this.error(name, CODES.wrongState);
    return this.identity;
  }

  private async step<R>(name: string, step: Parameters<Channel['call']>[1], act: () => R): Promise<R> {
    this.check(name);
    try {
      return await this.channel.call(name, step, act);
    } catch (error) {
      this.state = 'doubtful';
      if (errorOf(error).code === CODES.fenced) this.failure = errorOf(error);
      throw error;
    }
  }

  private check(name: string): void {
    if (this.closed) throw kafkaError(name, new Error('the producer is closed'));
    if (this.failure?.code === CODES.fenced) throw kafkaError(name, this.failure);
  }

  private error(name: string, code: number): Error {
    return kafkaError(name, new BrokerError(code));
  }
}

/** By partition, in the order of their records. */
function batchesOf<R extends OutgoingRecord & TopicPartition>(records: readonly R[], bytesMax: number): R[][] {
  const batches: R[][] = [];
  const open = new Map<string, { readonly batch: R[]; bytes: number }>();
  for (const record of records) {
    const id = partitionId(record.topic, record.partition);
    const bytes = sizeOf(record);
    const last = open.get(id);
    if (last !== undefined && last.bytes + bytes <= bytesMax) {
      last.batch.push(record);
      last.bytes += bytes;
    } else {
      const batch = [record];
      open.set(id, { batch, bytes });
      batches.push(batch);
    }
  }
  return batches;
}

function errorOf(error: unknown): BrokerError {
  const { cause } = error as { readonly cause?: unknown };
  return cause instanceof BrokerError ? cause : new BrokerError(CODES.timedOut);
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let size = RECORD_OVERHEAD + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, bytes] of headers) size += name.length + bytes.length;
  return size;
}
