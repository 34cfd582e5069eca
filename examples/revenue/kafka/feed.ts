/**
 * `npm run orders -- --kafka HOST:PORT --count N --rate R [--file F] [--input-topic T] [--partitions 4] [--seed S]`
 *
 * Writes orders to a topic: generated ones, or the lines of a file; key = order_id, none for a line that is no order.
 */
import { confluentDriver, kafka } from '../../../packages/kafka/src/index.ts';
import { orderChunks } from '../generator/orders.ts';
import { parseFlags, someText, wholeNumber } from '../options/flags.ts';
import { UsageError } from '../options/usage-error.ts';
import { Progress } from '../report/progress.ts';
import { fileLines, linesOf } from './lines.ts';
import { brokers, topicName } from './options.ts';
import { OrderSender } from './send-orders.ts';

const FLAGS = {
  kafka: { type: 'string', default: '' },
  count: { type: 'string' },
  rate: { type: 'string' },
  file: { type: 'string' },
  seed: { type: 'string', default: '1' },
  'input-topic': { type: 'string', default: 'orders.created' },
  partitions: { type: 'string', default: '4' },
} as const;

const COUNT_MAX = 1_000_000_000;
const COUNT = 10_000;
/** Between two lines about how far it is, milliseconds. */
const PROGRESS_MS = 1_000;

function* generated(orders: number, seed: number): Generator<Buffer> {
  for (const { bytes } of orderChunks({ orders, seed })) yield bytes;
}

function feedOf(argv: readonly string[]) {
  const flags = parseFlags(argv, FLAGS);
  const count = flags.count === undefined ? undefined : wholeNumber('--count', flags.count, 1, COUNT_MAX);
  const seed = wholeNumber('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER);
  return {
    bootstrap: brokers(flags.kafka),
    topic: topicName('--input-topic', flags['input-topic']),
    partitions: wholeNumber('--partitions', flags.partitions, 1, 10_000),
    count: count ?? Infinity,
    ratePerSecond: flags.rate === undefined ? Infinity : wholeNumber('--rate', flags.rate, 1, COUNT_MAX),
    lines:
      flags.file === undefined ? linesOf(generated(count ?? COUNT, seed)) : fileLines(someText('--file', flags.file)),
  };
}

async function main(argv: readonly string[]): Promise<void> {
  const { bootstrap, topic, partitions, ...orders } = feedOf(argv);
  const progress = new Progress(process.stderr);
  progress.say(`connecting to ${bootstrap}`);
  const [made] = await kafka.ensureTopics({ bootstrap }, [
    { name: topic, partitions, config: { 'retention.ms': '-1' } },
  ]);
  const sender = new OrderSender({ ...orders, topic, partitions: made?.partitions.length ?? 1 });
  const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, acks: 'all', 'linger.ms': 5 };
  const producer = await confluentDriver.producer(settings, { failed: (error) => sender.failed(error) });
  const timer = setInterval(() => progress.show(sender.progress()), PROGRESS_MS);
  try {
    await sender.sendAll(producer);
  } finally {
    clearInterval(timer);
    progress.stop();
    await producer.close();
  }
  console.log(`${sender.sent} orders written to ${topic} on ${bootstrap}`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
