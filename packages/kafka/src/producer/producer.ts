import path from 'node:path';
import {
  checkOptions,
  MillraceError,
  optionError,
  positiveDurationMs,
  systemClock,
  systemScheduler,
  type Clock,
  type Duration,
  type Logger,
  type Machine,
  type Scheduler,
} from 'millrace';
import { nodeMachine } from 'millrace/node';
import type { ClientSettings, ProducerEvents } from '../driver/driver.ts';
import { CONNECTION_OPTIONS, Connection } from '../settings/connection.ts';
import { RecordEncoder } from './encode-record.ts';
import { deferred, type Deferred, type Waiting } from './entry.ts';
import { Outbox } from './outbox.ts';
import type {
  Delivered,
  KafkaProducer,
  ProducerOptions,
  ProducerRecord,
  ProducerTransaction,
} from './producer-types.ts';
import { DiskQueue } from './queue/disk-queue.ts';
import { TopicCatalog } from './topic-catalog.ts';
import { Transactions } from './transactions.ts';

/** Where a producer runs. */
export interface ProducerHost {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly machine: Machine;
}

const WHERE = 'kafka.producer()';
const OPTIONS = [
  'topics',
  'queue',
  'deliveryTimeout',
  'transactionalId',
  'transactionTimeout',
  'logger',
  ...CONNECTION_OPTIONS,
];
const QUEUE_BYTES_MIN = 65_536;
const BATCH_BYTES = 32 * 1024;
const LINGER_MS = 5;
const IN_FLIGHT = 5;

const stderrLogger: Logger = {
  debug() {},
  info() {},
  warn: (message) => console.error(`millrace warn: ${message}`),
  error: (message) => console.error(`millrace error: ${message}`),
};

/**
 * Writes events outside of dataflows: from a web service, a script, a bridge to another system. Each event is acknowledged by all replicas
 * in sync and written in order; the client is idempotent, compresses with lz4, lingers for 5 ms and sends batches of 32 KiB, five at
 * a time. What an outage holds up waits in `queue` on disk, also while the process restarts.
 *
 * Without a queue the brokers must be reachable when it is opened. With one it opens at once.
 *
 * @throws {MillraceError} `OPTION_INVALID`; `IO_FAILED` if the brokers or the queue's directory cannot be used; `CHECKPOINT_OWNED` if another
 *   process works in that directory; `STATE_CORRUPT` if a file of it is damaged, naming file and offset
 * @example
 * const producer = await kafka.producer({
 *   bootstrap: 'localhost:9092',
 *   queue: { directory: '.millrace/outbox', maxBytes: 1024 ** 3 },
 * });
 * await producer.enqueue({ topic: 'orders.created', key: 'o-1', value: { order_id: 'o-1', amount: '12.50' } });
 * const { partition, offset } = await producer.send({ topic: 'orders.created', key: 'o-2', value: { order_id: 'o-2', amount: '3.00' } });
 * await producer.close();
 */
export function producer(options: ProducerOptions): Promise<KafkaProducer> {
  return openProducer(options, { clock: systemClock, scheduler: systemScheduler, machine: nodeMachine });
}

/** `producer`, on a machine and with a time of its own. */
export async function openProducer(options: ProducerOptions, host: ProducerHost): Promise<KafkaProducer> {
  const { deliveryTimeoutMs, transactionTimeoutMs } = checkedOptions(options);
  const { queue, topics = {}, transactionalId, logger = stderrLogger } = options;
  const connection = new Connection(WHERE, options);
  // Before anything is opened: what must not be written must not be accepted.
  const encoder = await RecordEncoder.open(topics, host.clock);
  const catalog = new TopicCatalog(connection, host.scheduler);
  const transaction =
    transactionalId === undefined
      ? undefined
      : { id: transactionalId, timeoutMs: transactionTimeoutMs, lingerMs: LINGER_MS };
  const timeout =
    transaction === undefined ? { 'message.timeout.ms': queue === undefined ? deliveryTimeoutMs : 0 } : {};
  const settings = { ...clientSettings(options, connection, transaction), ...timeout };
  const shared = {
    ...host,
    logger,
    encoder,
    partitionsOf: (topic: string) => catalog.partitionsOf(topic),
    openClient: (events: ProducerEvents) => connection.driver.producer(settings, events),
  };
  try {
    if (transaction !== undefined) {
      const transactions = new Transactions({
        ...shared,
        transactionalId: transaction.id,
        timeoutMs: transactionTimeoutMs,
      });
      await transactions.open();
      return new TransactionalProducer(transactions, catalog);
    }
    const directory = queue === undefined ? '' : path.resolve(queue.directory);
    const opened = queue === undefined ? undefined : await DiskQueue.open({ ...shared, ...queue, directory });
    const left = opened?.left ?? new Map();
    const outbox = new Outbox({ ...shared, deliveryTimeoutMs, queue: opened?.queue, left });
    await outbox.open();
    return new PlainProducer(outbox, encoder, catalog);
  } catch (error) {
    await catalog.close();
    throw error;
  }
}

function clientSettings(
  { client }: ProducerOptions,
  connection: Connection,
  transaction: Parameters<Connection['producer']>[0],
): ClientSettings {
  return {
    'max.in.flight.requests.per.connection': IN_FLIGHT,
    ...connection.producer(transaction, Number(client?.['batch.size'] ?? BATCH_BYTES)),
    // A batch that is refused must not be overtaken by what was sent behind it.
    ...(transaction === undefined ? { 'enable.gapless.guarantee': true } : {}),
  };
}

function checkedOptions(options: ProducerOptions): {
  readonly deliveryTimeoutMs: number;
  readonly transactionTimeoutMs: number;
} {
  checkOptions(WHERE, options, OPTIONS);
  const { queue, topics = {}, transactionalId, deliveryTimeout = '2m', transactionTimeout = '1m' } = options;
  if (queue !== undefined) {
    checkOptions(`queue of ${WHERE}`, queue, ['directory', 'maxBytes']);
    if (typeof queue.directory !== 'string' || queue.directory === '')
      throw optionError(`queue.directory of ${WHERE}`, queue.directory, 'the path of a folder');
    if (!Number.isSafeInteger(queue.maxBytes) || queue.maxBytes < QUEUE_BYTES_MIN)
      throw optionError(`queue.maxBytes of ${WHERE}`, queue.maxBytes, `a number of bytes from ${QUEUE_BYTES_MIN} on`);
  }
  if (transactionalId !== undefined && (typeof transactionalId !== 'string' || transactionalId === ''))
    throw optionError(`transactionalId of ${WHERE}`, transactionalId, 'a name');
  if (transactionalId !== undefined && queue !== undefined)
    throw optionError(
      `queue of ${WHERE}`,
      'given beside transactionalId',
      'left out: what a transaction could not commit its caller has to decide upon. Use two producers',
    );
  for (const [topic, one] of Object.entries(topics)) checkTopic(topic, one);
  return {
    deliveryTimeoutMs: positiveDurationMs(deliveryTimeout, `deliveryTimeout of ${WHERE}`),
    transactionTimeoutMs: positiveDurationMs(transactionTimeout, `transactionTimeout of ${WHERE}`),
  };
}

function checkTopic(topic: string, one: NonNullable<ProducerOptions['topics']>[string]): void {
  const where = `topics['${topic}'] of ${WHERE}`;
  checkOptions(where, one, ['format', 'schema', 'maxRecordBytes']);
  const { format, schema, maxRecordBytes } = one;
  if (format !== undefined && typeof format.encode !== 'function')
    throw optionError(`format in ${where}`, format, 'a format such as kafka.json(schema)');
  if (format !== undefined && schema !== undefined)
    throw optionError(`schema in ${where}`, 'a schema beside a format', 'given to the format: kafka.json(schema)');
  if (maxRecordBytes !== undefined && (!Number.isSafeInteger(maxRecordBytes) || maxRecordBytes < 1))
    throw optionError(`maxRecordBytes in ${where}`, maxRecordBytes, 'a number of bytes from 1 on');
}

const CLOSE_WITHIN = '10s';

interface CloseOptions {
  readonly within?: Duration;
}

function withinMsOf({ within = CLOSE_WITHIN }: CloseOptions): number {
  // 0: at once.
  return within === 0 ? 0 : positiveDurationMs(within, 'within of close()');
}

/** One that sends events by themselves. */
class PlainProducer implements KafkaProducer {
  private readonly outbox: Outbox;
  private readonly encoder: RecordEncoder;
  private readonly catalog: TopicCatalog;
  private closing: Promise<number> | undefined;

  constructor(outbox: Outbox, encoder: RecordEncoder, catalog: TopicCatalog) {
    this.outbox = outbox;
    this.encoder = encoder;
    this.catalog = catalog;
  }

  get pending(): number {
    return this.outbox.pending;
  }

  send(record: ProducerRecord): Promise<Delivered> {
    const delivered = deferred<Delivered>();
    this.add(record, { accepted: undefined, delivered }, delivered);
    return delivered.promise;
  }

  enqueue(record: ProducerRecord): Promise<void> {
    const accepted = deferred<void>();
    this.add(record, { accepted, delivered: undefined }, accepted);
    return accepted.promise;
  }

  /** One promise per event: an `async` function would make a second one. */
  private add(record: ProducerRecord, waiting: Waiting, { reject }: Pick<Deferred<never>, 'reject'>): void {
    try {
      this.outbox.add(this.encoder.encode(record), waiting);
    } catch (error) {
      reject(error as Error);
    }
  }

  ready(): Promise<void> {
    return this.outbox.ready();
  }

  transaction(): Promise<never> {
    return Promise.reject(
      optionError(`transactionalId of ${WHERE}`, undefined, 'given for transaction(): a name that stays the same'),
    );
  }

  async close(options: CloseOptions = {}): Promise<number> {
    const withinMs = withinMsOf(options);
    this.closing ??= this.closeAll(withinMs);
    return this.closing;
  }

  private async closeAll(withinMs: number): Promise<number> {
    try {
      return await this.outbox.close(withinMs);
    } finally {
      await this.catalog.close();
    }
  }
}

/** One that sends events in transactions. */
class TransactionalProducer implements KafkaProducer {
  readonly pending = 0;
  private readonly transactions: Transactions;
  private readonly catalog: TopicCatalog;

  constructor(transactions: Transactions, catalog: TopicCatalog) {
    this.transactions = transactions;
    this.catalog = catalog;
  }

  send(): Promise<never> {
    return Promise.reject(outside('send'));
  }

  enqueue(): Promise<never> {
    return Promise.reject(outside('enqueue'));
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  transaction<R>(work: (transaction: ProducerTransaction) => R | Promise<R>): Promise<R> {
    return this.transactions.run(work);
  }

  async close(options: CloseOptions = {}): Promise<number> {
    await this.transactions.close(withinMsOf(options));
    await this.catalog.close();
    return 0;
  }
}

function outside(what: string): MillraceError {
  return new MillraceError('OPTION_UNSUPPORTED', {
    message: `${what}() of a producer with transactionalId: its events are sent in transactions. Use producer.transaction((tx) => tx.send(...)), or a producer without transactionalId.`,
  });
}
