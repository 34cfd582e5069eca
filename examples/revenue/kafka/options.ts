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
}

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
} as const;

const RATE_MAX = 1_000_000_000;
const PARTITIONS_MAX = 10_000;

/** Whether the command line asks for the job on Kafka. */
export function isKafkaJob(argv: readonly string[]): boolean {
  return argv.some((arg) => arg === '--kafka' || arg.startsWith('--kafka='));
}

export function parseKafkaOptions(argv: readonly string[]): KafkaJobOptions {
  const flags = parseFlags(argv, FLAGS);
  const app = topicName('--app', flags.app);
  return {
    bootstrap: brokers(flags.kafka),
    app,
    inputTopic: topicName('--input-topic', flags['input-topic']),
    outputTopic: topicName('--output-topic', flags['output-topic']),
    partitions: wholeNumber('--partitions', flags.partitions, 1, PARTITIONS_MAX),
    windowMs: windowMs(flags.window),
    commitMs: windowMs(flags.commit, '--commit'),
    state: path.resolve(someText('--state', flags.state ?? `.millrace/${app}`)),
    ratePerSecond: flags.rate === undefined ? undefined : wholeNumber('--rate', flags.rate, 1, RATE_MAX),
    summary: flags.summary === undefined ? undefined : someText('--summary', flags.summary),
    bounded: flags.bounded,
  };
}

/** `host:port`, one or several. */
export function brokers(text: string): string {
  if (/^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/.test(text)) return text;
  throw new UsageError(`--kafka is ${JSON.stringify(text)}, but must be HOST:PORT, or several separated by commas`);
}

export function topicName(flag: string, text: string): string {
  if (/^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,200}$/.test(text)) return text;
  throw new UsageError(
    `${flag} is ${JSON.stringify(text)}, but must be made of letters, digits, dots, dashes and underscores`,
  );
}
