import {
  checkOptions,
  deadLetter,
  optionError,
  type DeadLetter,
  type DeadLetterPolicy,
  type RecordHeader,
  type Sink,
  type SinkContext,
  type SinkWriter,
} from 'millrace';
import { bytesOf } from '../bytes/utf8.ts';
import type { NewTopic, OutgoingRecord } from '../driver/driver.ts';
import { checkTopicName } from '../driver/topic-name.ts';
import type { KafkaSession } from '../session/session.ts';
import { sessionOf } from '../session/session-of.ts';
import { CONNECTION_OPTIONS, type ConnectionOptions } from '../settings/connection.ts';
import { refuseOwnSession } from './own-session.ts';
import { shortenedLetter } from './shortened-letter.ts';
import { KafkaWriter, type Precondition } from './writer.ts';

/** Options of `kafka.deadLetters`. */
export interface DeadLetterOptions extends Partial<ConnectionOptions> {
  /** Topic of all dead letters of the job. Default: `dlq.<group>.<topic the record came from>`. Needed beside `bootstrap`. */
  readonly topic?: string;
  /** Topics whose dead letters have a topic made before the first one comes. Default: none; they are made when needed. */
  readonly of?: readonly string[];
  /** Partitions of a topic that has to be made. Default 1. */
  readonly partitions?: number;
  /**
   * Settings of a topic that has to be made, beside or in place of those it gets anyway: kept for ever (`retention.ms: '-1'`), records
   * of up to 10 MB (`max.message.bytes: '10000000'`).
   */
  readonly config?: Readonly<Record<string, string>>;
}

const WHERE = 'kafka.deadLetters()';
const OPTIONS = ['topic', 'of', 'partitions', 'config', ...CONNECTION_OPTIONS];
/**
 * Letters have the timestamps of their records, which may be old: any time of retention would delete them at once. And there is
 * room for a record as large as any topic takes by default, and for why it is here.
 */
export const KEPT = {
  'retention.ms': '-1',
  'max.message.bytes': '10000000',
  // Who gives a letter back wants the timestamp of its record, whatever the brokers' default is.
  'message.timestamp.type': 'CreateTime',
};

/**
 * Sends records that cannot be processed to topics of their own, in the transaction of the job: key, value, timestamp and
 * headers as they came, and why in headers `millrace.error.code`, `millrace.error.message`, `millrace.operator`,
 * `millrace.source`, `millrace.topic`, `millrace.partition`, `millrace.offset`, `millrace.timestamp`, `millrace.time`. A letter that is too large for its
 * topic is written with the first 64 KiB of its value and `millrace.value.truncated`, which says how many bytes it had.
 *
 * Given as `onError` of a source for what cannot be decoded, and of `flow.run` for what fails in a function or a sink.
 *
 * @throws {MillraceError} `OPTION_INVALID`
 * @example
 * const dead = kafka.deadLetters();
 * flow.from('orders', kafka.topic('orders.created', { schema: Order, onError: dead }));
 * await flow.run(kafka.solo({ bootstrap, checkpoints, onError: dead }));
 */
export function deadLetters(options: DeadLetterOptions = {}): DeadLetterPolicy {
  checkOptions(WHERE, options, OPTIONS);
  checkDeadLetterOptions(options);
  const sink: Sink<DeadLetter> = Object.freeze({
    kind: 'kafka dead letters',
    guarantee: 'exactly-once' as const,
    open: (context: SinkContext) => openDeadLetters(options, context),
  });
  return deadLetter(sink);
}

function checkDeadLetterOptions({ topic, of, partitions = 1, config, bootstrap }: DeadLetterOptions): void {
  if (topic !== undefined) checkTopicName(`topic of ${WHERE}`, topic);
  // Without the job's session there is no group, which the names of topics are made of.
  else if (bootstrap !== undefined) throw optionError(`topic of ${WHERE} with bootstrap`, topic, 'given: a name');
  if (of !== undefined && !Array.isArray(of)) throw optionError(`of of ${WHERE}`, of, "a list of topics: ['orders']");
  for (const name of of ?? []) checkTopicName(`a topic in of of ${WHERE}`, name);
  if (!Number.isInteger(partitions) || partitions < 1)
    throw optionError(`partitions of ${WHERE}`, partitions, 'a number from 1 on');
  if (config === undefined) return;
  if (typeof config !== 'object' || config === null) throw optionError(`config of ${WHERE}`, config, 'an object');
  for (const [name, value] of Object.entries(config))
    if (typeof value !== 'string') throw optionError(`config['${name}'] of ${WHERE}`, value, 'text');
}

async function openDeadLetters(options: DeadLetterOptions, context: SinkContext): Promise<SinkWriter<DeadLetter>> {
  refuseOwnSession(WHERE, options, context);
  const { session, own } = sessionOf(WHERE, options, context, context.name);
  const topics = new DeadLetterTopics(options, session);
  const close = async (): Promise<void> => {
    if (own) await session.close();
  };
  try {
    // Whatever the topics of records are called.
    topics.check(topics.nameFor('x'));
    for (const topic of options.of ?? []) await topics.make(topics.nameFor(topic));
    if (own) await session.begin();
  } catch (error) {
    await close();
    throw error;
  }
  const made: Precondition = {
    ready: (record) => topics.isReady(record.topic),
    prepare: (record) => topics.make(record.topic),
  };
  return new KafkaWriter(
    (letter: DeadLetter) => topics.recordOf(letter),
    session,
    context,
    close,
    made,
    shortenedLetter,
  );
}

/** Makes the topics of dead letters when they are needed. */
class DeadLetterTopics {
  private readonly options: DeadLetterOptions;
  private readonly session: KafkaSession;
  private readonly made = new Set<string>();

  constructor(options: DeadLetterOptions, session: KafkaSession) {
    this.options = options;
    this.session = session;
  }

  nameFor(topic: string): string {
    return this.options.topic ?? `dlq.${this.session.options.group}.${topic}`;
  }

  /** @throws MillraceError `OPTION_INVALID` */
  check(name: string): void {
    const { group } = this.session.options;
    const cure = `: it is dlq.<group>.<topic>, and the group, '${group}', is the dataflow's name behind prefix. Change it, or give topic`;
    checkTopicName('topic of dead letters', name, this.options.topic === undefined ? cure : '');
  }

  isReady(topic: string): boolean {
    return this.made.has(topic);
  }

  async make(name: string): Promise<void> {
    if (this.made.has(name)) return;
    this.check(name);
    const { partitions = 1, config } = this.options;
    const topic: NewTopic = { name, partitions, replication: -1, config: { ...KEPT, ...config } };
    this.session.suspects.letterTopics.add(name);
    const admin = await this.session.admin();
    if ((await admin.topics([name])).length === 0) await admin.createTopics([topic]);
    this.made.add(name);
  }

  recordOf(letter: DeadLetter): OutgoingRecord {
    const { original, raw, raw_base64: base64, source, operator } = letter;
    const headers: RecordHeader[] = [...(original?.headers ?? []), ...headersOf(letter)];
    const value = original === undefined ? bytesOf(raw ?? base64 ?? '') : original.value;
    const timestamp = original?.timestamp ?? letter.time ?? undefined;
    return {
      topic: this.nameFor(original?.topic ?? topicName(operator ?? source)),
      partition: this.options.partitions === undefined || this.options.partitions === 1 ? 0 : undefined,
      key: original === undefined ? bytesOf(letter.key ?? null) : original.key,
      value,
      timestamp: timestamp !== undefined && timestamp >= 0 ? timestamp : undefined,
      headers,
    };
  }
}

export function headersOf(letter: DeadLetter): readonly RecordHeader[] {
  const { code, message, operator, source, partition, position, original, time, window } = letter;
  const fields: Readonly<Record<string, string | undefined>> = {
    'millrace.error.code': code,
    'millrace.error.message': message,
    'millrace.operator': operator,
    'millrace.source': source,
    'millrace.topic': original?.topic,
    'millrace.partition': original === undefined ? partition : String(original.partition),
    'millrace.offset': position < 0 ? undefined : String(original?.offset ?? position),
    // Beside the record's own: a topic that sets timestamps itself (topics.dlq) would lose it.
    'millrace.timestamp': original !== undefined && original.timestamp >= 0 ? String(original.timestamp) : undefined,
    'millrace.time': time === null ? undefined : String(time),
    'millrace.window': window === undefined ? undefined : `${window.start}/${window.end}`,
  };
  return Object.entries(fields).flatMap(([name, value]) =>
    // Windows have no partition and no position.
    value === undefined || value === '' ? [] : [[name, bytesOf(value)] as const],
  );
}

/** Names of operators may have characters that those of topics must not. */
function topicName(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9._-]+/g, '-');
}
