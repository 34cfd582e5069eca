import { systemClock, systemScheduler, type RecordHeader } from 'millrace';
import { kafka, type Letters, type LettersOptions } from '../../src/index.ts';
import { modelBroker, type ClientHost, type Fate, type KafkaStep, type ModelBroker } from '../../src/testing.ts';

/** A modelled cluster with letters, and processes that handle them and may die. */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const LETTERS = 'dlq.job.orders';
export const MARKS = `millrace-dlq.${LETTERS}`;

export const header = (name: string, value: string): RecordHeader => [name, encoder.encode(value)];
export const textOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : decoder.decode(bytes));

/** Headers that `kafka.deadLetters` gives to the letter of a record. */
export function lettersHeaders(partition: number, offset: number, more: Record<string, string> = {}): RecordHeader[] {
  const said = {
    'millrace.error.code': 'RECORD_MALFORMED',
    'millrace.error.message': 'n is "x", but must be a number',
    'millrace.source': 'orders',
    'millrace.topic': 'orders',
    'millrace.partition': String(partition),
    'millrace.offset': String(offset),
    'millrace.time': '5000',
    ...more,
  };
  return Object.entries(said).map(([name, value]) => header(name, value));
}

/** `count` letters of records of the topic `orders`, which has three partitions. */
export function clusterWith(count: number): ModelBroker {
  const cluster = modelBroker();
  cluster.createTopic('orders', 3);
  cluster.createTopic(LETTERS);
  cluster.produce(
    LETTERS,
    Array.from({ length: count }, (_, i) => ({
      key: `k${i}`,
      value: `v${i}`,
      timestamp: 1_000 + i,
      headers: [header('trace', `t${i}`), ...lettersHeaders(i % 3, i)],
    })),
  );
  return cluster;
}

export function open(cluster: ModelBroker, options: Partial<LettersOptions> = {}): Promise<Letters> {
  return kafka.letters({ bootstrap: 'model:9092', driver: cluster.driver, topic: LETTERS, ...options });
}

/** What was given back, as a reader sees it. */
export const given = (cluster: ModelBroker, topic: string = 'orders'): string[] =>
  cluster
    .records(topic)
    .map(({ partition, key, value, timestamp, headers }) => {
      const shown = headers.map(([name, bytes]) => `${name}=${textOf(bytes)}`).join(' ');
      return `${partition} ${textOf(key)} ${textOf(value)} @${timestamp} ${shown}`;
    })
    .sort();

/** What must have been given back of `clusterWith(count)`. */
export const expected = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${i % 3} k${i} v${i} @${1_000 + i} trace=t${i}`).sort();

export const marked = (cluster: ModelBroker): string[] =>
  cluster
    .records(MARKS)
    .map(({ key }) => textOf(key) ?? '')
    .sort();

/** A process whose client may be killed. */
export interface Process {
  readonly host: ClientHost;
  /** How often a step was begun or taken so far. */
  readonly moments: number;
}

/** @param dieAt number of the moment (before or after a step) at which it dies; default: never */
export function processOf(dieAt: number = Infinity, fateOf: (step: KafkaStep) => Fate = () => 'answered'): Process {
  let moments = 0;
  let alive = true;
  const moment = (): void => {
    if (++moments >= dieAt) alive = false;
  };
  const host: ClientHost = {
    clock: systemClock,
    scheduler: {
      defer: (task) => systemScheduler.defer(() => (alive ? task() : undefined)),
      after: (delayMs, task) => systemScheduler.after(delayMs, () => (alive ? task() : undefined)),
    },
    isAlive: () => alive,
    deliver: (delayMs, run) => void systemScheduler.after(delayMs, () => (alive ? run() : undefined)),
    before(step, local) {
      moment();
      return local ? 'answered' : fateOf(step);
    },
    after: moment,
  };
  return {
    host,
    get moments() {
      return moments;
    },
  };
}
