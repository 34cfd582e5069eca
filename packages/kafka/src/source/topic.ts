import {
  checkOptions,
  MillraceError,
  optionError,
  positiveDurationMs,
  type Duration,
  type ErrorPolicy,
  type OriginalRecord,
  type Schema,
  type Source,
  type SourceContext,
  type SourceReader,
} from 'millrace';
import type { AdminDriver, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { json, type Format } from '../formats/format.ts';
import type { KafkaSession } from '../session/session.ts';
import { sessionOf } from '../session/session-of.ts';
import { CONNECTION_OPTIONS, type ConnectionOptions } from '../settings/connection.ts';
import { EndsWatch } from './ends-watch.ts';
import { Fetcher } from './fetcher.ts';
import { originalOf } from './original.ts';
import { openQueues } from './open-queues.ts';
import { PartitionQueue } from './partition-queue.ts';
import { checkStart, checkUntil, type Start, type Until } from './start-offsets.ts';
import { TopicReader, type RecordDecoder } from './topic-reader.ts';

/** Options of `kafka.topic`. */
export interface TopicOptions<T, R = T> extends Partial<ConnectionOptions> {
  /** How the value of a record becomes a value of the program. Default: `kafka.json(schema)`. */
  readonly format?: Format<T>;
  /** What the JSON values must look like; with it `format` is `kafka.json`. */
  readonly schema?: Schema<T>;
  /** Where a job without checkpoint begins. Default `'earliest'`. */
  readonly start?: Start;
  /** Where it ends; the source is then bounded, and the same records are read also over restarts. Default: never. */
  readonly until?: Until;
  /** Makes the records of the stream from a value and the record it came in. Default: the value. */
  readonly project?: (value: T, record: OriginalRecord) => R;
  /** What happens to records that cannot be decoded. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
  /** How often partitions that are new are looked for; at most once a second. Default `'30s'`. */
  readonly discoveryInterval?: Duration;
  /** Consumer group of a source with `bootstrap` of its own. Default: the name of the source. */
  readonly group?: string;
}

const OPTIONS = [
  'format',
  'schema',
  'start',
  'until',
  'project',
  'onError',
  'discoveryInterval',
  'group',
  ...CONNECTION_OPTIONS,
];
const DISCOVERY = '30s';

/**
 * The records of a topic, or of all topics whose names match a pattern. Each partition has a watermark and a position of its
 * own; only committed records are read. Timestamps are those of the records unless the watermark strategy takes others.
 *
 * @param topic a name or a regular expression
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when run `IO_NOT_FOUND` for a topic that does not exist,
 *   `IO_FAILED` if the cluster cannot be reached, `DEPENDENCY_MISSING` without the client
 * @example
 * flow.from('orders', kafka.topic('orders.created', { schema: Order }), {
 *   watermarks: boundedOutOfOrderness('5s', (o) => o.event_time),
 * });
 */
export function topic<T = unknown, R = T>(topic: string | RegExp, options: TopicOptions<T, R> = {}): Source<R> {
  if (!(topic instanceof RegExp) && (typeof topic !== 'string' || topic === ''))
    throw optionError('topic of kafka.topic()', topic, 'a name or a regular expression');
  checkOptions('kafka.topic()', options, OPTIONS);
  const { start = 'earliest', until, onError = 'fail' } = options;
  if (options.format !== undefined && options.schema !== undefined)
    throw optionError('schema of kafka.topic()', 'a schema beside a format', 'given to the format: kafka.json(schema)');
  positiveDurationMs(options.discoveryInterval ?? DISCOVERY, 'discoveryInterval of kafka.topic()');
  checkStart(start);
  checkUntil(until);
  return Object.freeze({
    kind: 'kafka',
    bounded: until !== undefined,
    onError,
    open: (context: SourceContext) => openTopic(topic, options, context) as Promise<SourceReader<R>>,
  });
}

async function openTopic<T, R>(
  wanted: string | RegExp,
  options: TopicOptions<T, R>,
  context: SourceContext,
): Promise<SourceReader<unknown>> {
  const where = `kafka.topic('${String(wanted)}')`;
  const { session, own } = sessionOf(where, options, context, options.group ?? context.name);
  const admin = await session.admin();
  const fetcher = new Fetcher(context.wake);
  const consumer = await session.open(
    'connecting the consumer',
    session.connection.driver.consumer(session.connection.consumer(session.options.group), fetcher),
  );
  try {
    const partitions = await partitionsOf(admin, session, wanted);
    const queues = await openQueues(admin, session, partitions, options, context);
    for (const queue of queues) fetcher.add(queue);
    session.registerSource(context.name, () => queues);
    session.onCommitWanted(context.requestCommit);
    const live = options.until === undefined;
    const holder: { reader?: TopicReader } = {};
    const discovery = new Discovery(
      positiveDurationMs(options.discoveryInterval ?? DISCOVERY, 'discoveryInterval'),
      context,
    );
    const discover = async (): Promise<void> => {
      if (!discovery.due()) return;
      const known = new Set(queues.map(({ id }) => id));
      const all = await partitionsOf(admin, session, wanted);
      const fresh = all.filter(({ topic: name, partition }) => !known.has(partitionId(name, partition)));
      const starts = await admin.offsets(fresh, 'earliest');
      const added = fresh.map(
        (one, i) => new PartitionQueue(one.topic, one.partition, starts[i] as number, Infinity, Infinity),
      );
      for (const queue of added) {
        context.logger.info(`source '${context.name}': new partition ${queue.id}`);
        fetcher.add(queue);
        holder.reader?.add(queue);
      }
      consumer.assign(added.map(({ topic: name, partition, next: offset }) => ({ topic: name, partition, offset })));
      // From now on they hold event time back until they have delivered something or are seen to be empty.
      if (added.length > 0) context.wake();
    };
    const watch = live ? new EndsWatch(session, context, () => queues, discover) : undefined;
    const close = async (): Promise<void> => {
      if (own) await session.close();
    };
    const reader = new TopicReader({ queues, consumer, fetcher, decode: decoderOf(options), watch, close });
    holder.reader = reader;
    const open = queues.filter((queue) => !queue.ended);
    consumer.assign(open.map(({ topic: name, partition, next: offset }) => ({ topic: name, partition, offset })));
    fetcher.begin(consumer);
    return reader;
  } catch (error) {
    await consumer.close();
    if (own) await session.close();
    throw error;
  }
}

/** When to look for new partitions. */
class Discovery {
  private readonly everyMs: number;
  private readonly context: SourceContext;
  private lastMs: number;

  constructor(everyMs: number, context: SourceContext) {
    this.everyMs = everyMs;
    this.context = context;
    this.lastMs = context.clock.monotonic();
  }

  due(): boolean {
    const now = this.context.clock.monotonic();
    if (now - this.lastMs < this.everyMs) return false;
    this.lastMs = now;
    return true;
  }
}

async function partitionsOf(
  admin: AdminDriver,
  session: KafkaSession,
  wanted: string | RegExp,
): Promise<readonly TopicPartition[]> {
  const names =
    typeof wanted === 'string'
      ? [wanted]
      : (await admin.topicNames()).filter((name) => new RegExp(wanted, wanted.flags.replace(/[gy]/g, '')).test(name));
  const topics = await admin.topics(names);
  if (topics.length === 0) {
    throw new MillraceError('IO_NOT_FOUND', {
      message:
        typeof wanted === 'string'
          ? `Topic '${wanted}' does not exist on ${session.connection.bootstrap}. Create it, or correct its name.`
          : `No topic on ${session.connection.bootstrap} matches ${String(wanted)}.`,
      fields: { topic: String(wanted) },
    });
  }
  return [...topics]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
}

function decoderOf<T, R>({ format, schema, project }: TopicOptions<T, R>): RecordDecoder {
  const used = format ?? json<T>(schema);
  if (project === undefined) return (bytes) => used.decode(bytes);
  return (bytes, records, index) => project(used.decode(bytes), originalOf(records, index));
}
