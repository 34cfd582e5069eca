import {
  checkOptions,
  consoleLogger,
  optionError,
  positiveDurationMs,
  type Duration,
  type Logger,
  type Schema,
} from 'millrace';
import { checkTopicName } from '../driver/topic-name.ts';
import { json, string, type Format } from '../formats/format.ts';
import { Connection, CONNECTION_OPTIONS, type ConnectionOptions } from '../settings/connection.ts';

/** How long a consumer waits between attempts: `min`, then `factor` times as long each time, at most `max`. */
export interface Backoff {
  /** Default `'100ms'`. */
  readonly min?: Duration;
  /** Default `'10s'`. */
  readonly max?: Duration;
  /** Default 2; 1: always `min`. */
  readonly factor?: number;
  /** Whether each wait is drawn between itself and twice itself, so that consumers do not try in step. Default `true`. */
  readonly jitter?: boolean;
}

/** Where a consumer's dead letters go. */
export interface ConsumerLetterOptions {
  /** Default: `dlq.<group>.<topic the record came from>`. */
  readonly topic?: string;
  /** Partitions of a topic that has to be made. Default 1. */
  readonly partitions?: number;
  /** Settings of a topic that has to be made, beside or in place of `retention.ms: '-1'` and `max.message.bytes: '10000000'`. */
  readonly config?: Readonly<Record<string, string>>;
}

/** Options of `kafka.consumer`. */
export interface ConsumerOptions<T = unknown, K = string> extends ConnectionOptions {
  /** Consumer group: its members share the partitions, and it keeps how far they have come. */
  readonly group: string;
  readonly topics: string | readonly string[];
  /** How the value of a record becomes a value of the program. Default: `kafka.json(schema)`. */
  readonly format?: Format<T>;
  /** What the JSON values must look like; with it `format` is `kafka.json`. */
  readonly schema?: Schema<T>;
  /** How the key becomes one. Default `kafka.string()`. */
  readonly keyFormat?: Format<K>;
  /**
   * Where a partition begins for which the group has no offset, or one that the broker has no records for any more. Default
   * `'earliest'`.
   */
  readonly start?: 'earliest' | 'latest';
  /**
   * `'at-least-once'`: offsets are committed after processing; what was not committed is processed again. `'at-most-once'`: they are
   * committed before; what was not done by then is never done. Default `'at-least-once'`.
   */
  readonly guarantee?: 'at-least-once' | 'at-most-once';
  /** Handlers that run at once, of different keys. Default 1. */
  readonly concurrency?: number;
  /** Tries of a record before `onError` decides. Default 5; always 1 with `'at-most-once'`. */
  readonly attempts?: number;
  readonly backoff?: Backoff;
  /**
   * What becomes of a record that cannot be decoded (at once) or processed (after the last attempt): a letter in
   * `dlq.<group>.<topic>`, the end of the consumer (`run` rejects, the record is not committed), or nothing but a line in the log.
   * Default `'dead-letter'`.
   */
  readonly onError?: 'dead-letter' | 'fail' | 'skip';
  readonly deadLetters?: ConsumerLetterOptions;
  /** How often what is done is committed. Default `'1s'`. */
  readonly commitInterval?: Duration;
  /** How long handlers may go on when partitions go to another member, or the consumer stops. Default `'30s'`. */
  readonly drainTimeout?: Duration;
  /** Records of one partition that wait or are under way, above which it is paused. Default 500. */
  readonly buffer?: number;
  /**
   * Name of this member among those of the group. One that is started again under the same name within its session (10 s) gets
   * its partitions back without a round of the group. Default: none.
   */
  readonly instance?: string;
  /** Default: the console. */
  readonly logger?: Logger;
}

/** Options, checked and complete. */
export interface ConsumerSettings {
  readonly connection: Connection;
  readonly group: string;
  readonly topics: readonly string[];
  readonly format: Format<unknown>;
  readonly keyFormat: Format<unknown>;
  readonly start: 'earliest' | 'latest';
  readonly atMostOnce: boolean;
  readonly concurrency: number;
  readonly attempts: number;
  readonly backoff: {
    readonly minMs: number;
    readonly maxMs: number;
    readonly factor: number;
    readonly jitter: boolean;
  };
  readonly onError: 'dead-letter' | 'fail' | 'skip';
  readonly letters: ConsumerLetterOptions;
  readonly commitMs: number;
  readonly drainMs: number;
  readonly buffer: number;
  readonly instance: string | undefined;
  readonly logger: Logger;
}

const WHERE = 'kafka.consumer()';
const OPTIONS = [
  ...['group', 'topics', 'format', 'schema', 'keyFormat', 'start', 'guarantee', 'concurrency', 'attempts', 'backoff'],
  ...[
    'onError',
    'deadLetters',
    'commitInterval',
    'drainTimeout',
    'buffer',
    'instance',
    'logger',
    ...CONNECTION_OPTIONS,
  ],
];
const BACKOFF_OPTIONS = ['min', 'max', 'factor', 'jitter'];
const LETTER_OPTIONS = ['topic', 'partitions', 'config'];
const ATTEMPTS = 5;
const BUFFER = 500;

/** @throws MillraceError `OPTION_INVALID` */
export function consumerSettings<T, K>(options: ConsumerOptions<T, K>): ConsumerSettings {
  checkOptions(WHERE, options, OPTIONS);
  const { guarantee = 'at-least-once', onError = 'dead-letter', start = 'earliest', logger = consoleLogger } = options;
  oneOf('guarantee', guarantee, ['at-least-once', 'at-most-once']);
  oneOf('onError', onError, ['dead-letter', 'fail', 'skip']);
  oneOf('start', start, ['earliest', 'latest']);
  const { format, schema, keyFormat = string(), instance } = options;
  if (format !== undefined && schema !== undefined)
    throw optionError(`schema of ${WHERE}`, 'a schema beside a format', 'given to the format: kafka.json(schema)');
  if (instance !== undefined) named('instance', instance);
  const { concurrency = 1, buffer = BUFFER, commitInterval = '1s', drainTimeout = '30s' } = options;
  const topics = topicsOf(options.topics);
  const group = named('group', options.group);
  const atMostOnce = guarantee === 'at-most-once';
  return {
    connection: new Connection(WHERE, options),
    group,
    topics,
    // Values and keys are only handed on, to the handler whose types say what they are.
    format: (format ?? json<T>(schema)) as Format<unknown>,
    keyFormat: keyFormat as Format<unknown>,
    start,
    atMostOnce,
    concurrency: wholeNumber('concurrency', concurrency),
    attempts: attemptsOf(options.attempts, atMostOnce),
    backoff: backoffOf(options.backoff ?? {}),
    onError,
    letters: lettersOf(options.deadLetters ?? {}, group, topics),
    commitMs: positiveDurationMs(commitInterval, `commitInterval of ${WHERE}`),
    drainMs: positiveDurationMs(drainTimeout, `drainTimeout of ${WHERE}`),
    buffer: wholeNumber('buffer', buffer),
    instance,
    logger,
  };
}

function topicsOf(topics: unknown): readonly string[] {
  const names: readonly unknown[] = Array.isArray(topics) ? topics : [topics];
  if (names.length === 0) throw optionError(`topics of ${WHERE}`, topics, 'a name, or a list of them');
  return [...new Set(names)].map((name) => {
    checkTopicName(`topics of ${WHERE}`, name);
    return name;
  });
}

function attemptsOf(attempts: number | undefined, atMostOnce: boolean): number {
  if (!atMostOnce) return wholeNumber('attempts', attempts ?? ATTEMPTS);
  if (attempts === undefined || attempts === 1) return 1;
  throw optionError(
    `attempts of ${WHERE} with guarantee 'at-most-once'`,
    attempts,
    '1 or left out: a second attempt may do a second time what the first has done',
  );
}

function backoffOf(backoff: Backoff): ConsumerSettings['backoff'] {
  checkOptions(`backoff of ${WHERE}`, backoff, BACKOFF_OPTIONS);
  const { min = '100ms', max = '10s', factor = 2, jitter = true } = backoff;
  const minMs = positiveDurationMs(min, `backoff.min of ${WHERE}`);
  const maxMs = positiveDurationMs(max, `backoff.max of ${WHERE}`);
  if (maxMs < minMs) throw optionError(`backoff.max of ${WHERE}`, max, `at least backoff.min (${minMs} ms)`);
  if (!Number.isFinite(factor) || factor < 1)
    throw optionError(`backoff.factor of ${WHERE}`, factor, 'a number from 1 on');
  if (typeof jitter !== 'boolean') throw optionError(`backoff.jitter of ${WHERE}`, jitter, 'true or false');
  return { minMs, maxMs, factor, jitter };
}

function lettersOf(letters: ConsumerLetterOptions, group: string, topics: readonly string[]): ConsumerLetterOptions {
  checkOptions(`deadLetters of ${WHERE}`, letters, LETTER_OPTIONS);
  const { topic, partitions = 1, config = {} } = letters;
  if (topic !== undefined) checkTopicName(`deadLetters.topic of ${WHERE}`, topic);
  else
    for (const name of topics)
      checkTopicName(
        'topic of dead letters',
        letterTopic(group, name),
        ': it is dlq.<group>.<topic>; give deadLetters.topic',
      );
  wholeNumber('deadLetters.partitions', partitions);
  for (const [name, value] of Object.entries(config))
    if (typeof value !== 'string') throw optionError(`deadLetters.config['${name}'] of ${WHERE}`, value, 'text');
  return letters;
}

/** Where the dead letters of a topic go unless it is said. */
export function letterTopic(group: string, topic: string): string {
  return `dlq.${group}.${topic}`;
}

function oneOf(name: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw optionError(`${name} of ${WHERE}`, value, known.map((one) => `'${one}'`).join(' or '));
}

function named(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw optionError(`${name} of ${WHERE}`, value, 'a name');
}

function wholeNumber(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw optionError(`${name} of ${WHERE}`, value, 'a whole number from 1 on');
}
