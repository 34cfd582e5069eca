import path from 'node:path';
import { parseFlags, someText, wholeNumber } from '../options/flags.ts';
import { UsageError } from '../options/usage-error.ts';
import { windowMs } from '../options/window.ts';

/** The command line of the job on Kafka. */
export interface KafkaJobOptions {
  readonly bootstrap: string;
  /** Names the job: its group, its transactions, its topics of late and malformed records. */
  readonly app: string;
  readonly inputTopic: string;
  readonly outputTopic: string;
  /** Of topics that have to be made. */
  readonly partitions: number;
  readonly windowMs: number;
  readonly commitMs: number;
  readonly state: string;
  readonly ratePerSecond: number | undefined;
  readonly summary: string | undefined;
  /** Reads what there is when the job begins, closes all windows, and ends. */
  readonly bounded: boolean;
  /** Starts over, whatever was committed before. */
  readonly fresh: boolean;
}

/** Brokers end a transaction that is older: the job's next commit must come before. */
export const TRANSACTION_MS = 60_000;

const FLAGS = {
  kafka: { type: 'string', default: '' },
  'input-topic': { type: 'string', default: 'orders.created' },
  'output-topic': { type: 'string', default: 'revenue.by-category' },
  partitions: { type: 'string', default: '4' },
  window: { type: 'string', default: '5m' },
  commit: { type: 'string', default: '200ms' },
  app: { type: 'string', default: 'revenue' },
  state: { type: 'string' },
  rate: { type: 'string' },
  summary: { type: 'string' },
  bounded: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
} as const;

const RATE_MAX = 1_000_000_000;
const PARTITIONS_MAX = 10_000;
/** Of a topic's name. */
const NAME_MAX = 249;

/** Whether the command line asks for the job on Kafka. */
export function isKafkaJob(argv: readonly string[]): boolean {
  return argv.some((arg) => arg === '--kafka' || arg.startsWith('--kafka='));
}

/** Topics of the job. */
export function topicsOf({
  app,
  inputTopic,
  outputTopic,
}: Pick<KafkaJobOptions, 'app' | 'inputTopic' | 'outputTopic'>) {
  return {
    input: inputTopic,
    results: outputTopic,
    late: `late.${app}.${inputTopic}`,
    deadLetters: `dlq.${app}.${inputTopic}`,
  };
}

export function parseKafkaOptions(argv: readonly string[]): KafkaJobOptions {
  const flags = parseFlags(argv, FLAGS);
  const app = topicName('--app', flags.app);
  const inputTopic = topicName('--input-topic', flags['input-topic']);
  const outputTopic = topicName('--output-topic', flags['output-topic']);
  checkTopics({ app, inputTopic, outputTopic });
  return {
    bootstrap: brokers(flags.kafka),
    app,
    inputTopic,
    outputTopic,
    partitions: wholeNumber('--partitions', flags.partitions, 1, PARTITIONS_MAX),
    windowMs: windowMs(flags.window),
    commitMs: commitMs(flags.commit),
    state: path.resolve(someText('--state', flags.state ?? `.millrace/${app}`)),
    ratePerSecond: flags.rate === undefined ? undefined : wholeNumber('--rate', flags.rate, 1, RATE_MAX),
    summary: flags.summary === undefined ? undefined : someText('--summary', flags.summary),
    bounded: flags.bounded,
    fresh: flags.fresh,
  };
}

/** The job must not read what it writes, nor mix two kinds of output; and all names must be ones that a topic can have. */
function checkTopics(names: Pick<KafkaJobOptions, 'app' | 'inputTopic' | 'outputTopic'>): void {
  const { input, results, late, deadLetters } = topicsOf(names);
  if (results === input)
    throw new UsageError(
      `--output-topic is ${JSON.stringify(results)}, as is --input-topic, but must be another topic`,
    );
  for (const name of [late, deadLetters]) {
    if (name === results)
      throw new UsageError(
        `--output-topic is ${JSON.stringify(results)}, where the job writes its late or malformed orders: take another topic`,
      );
    if (name.length > NAME_MAX)
      throw new UsageError(
        `--app and --input-topic are too long: the topic ${name} would have ${name.length} characters, but at most ${NAME_MAX} are allowed`,
      );
  }
}

function commitMs(text: string): number {
  const ms = windowMs(text, '--commit');
  if (ms < TRANSACTION_MS) return ms;
  throw new UsageError(
    `--commit is ${JSON.stringify(text)}, but must be less than ${TRANSACTION_MS / 1_000}s, when brokers end a transaction`,
  );
}

/** `host:port`, one or several. */
export function brokers(text: string): string {
  if (/^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/.test(text)) return text;
  throw new UsageError(`--kafka is ${JSON.stringify(text)}, but must be HOST:PORT, or several separated by commas`);
}

export function topicName(flag: string, text: string): string {
  if (/^(?!\.{1,2}$)[a-zA-Z0-9._-]+$/.test(text) && text.length <= NAME_MAX) return text;
  throw new UsageError(
    `${flag} is ${JSON.stringify(text)}, but must be made of up to ${NAME_MAX} letters, digits, dots, dashes and underscores`,
  );
}
