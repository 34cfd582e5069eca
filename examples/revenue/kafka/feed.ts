/**
 * `npm run orders -- --kafka HOST:PORT --count N --rate R [--file F] [--input-topic T] [--partitions 4] [--seed S]`
 *
 * Writes orders to a topic: generated ones, or the lines of a file; key = order_id, none for a line that is no order.
 */
import { confluentDriver, kafka } from '../../../packages/kafka/src/index.ts';
import { orderChunks } from '../generator/orders.ts';
import { parseFlags, someText, wholeNumber } from '../options/flags.ts';
import { UsageError } from '../options/usage-error.ts';
import { fileLines, linesOf } from './lines.ts';
import { brokers, topicName } from './options.ts';

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
/** Between two looks at the clock, milliseconds. */
const PACE_MS = 10;

function* generated(orders: number, seed: number): Generator<Buffer> {
  for (const { bytes } of orderChunks({ orders, seed })) yield bytes;
}

function keyOf(line: Buffer): Buffer | null {
  try {
    const { order_id: id } = JSON.parse(line.toString()) as { readonly order_id?: unknown };
    return typeof id === 'string' ? Buffer.from(id) : null;
  } catch {
    return null;
  }
}

async function main(argv: readonly string[]): Promise<void> {
  const flags = parseFlags(argv, FLAGS);
  const bootstrap = brokers(flags.kafka);
  const topic = topicName('--input-topic', flags['input-topic']);
  const partitions = wholeNumber('--partitions', flags.partitions, 1, 10_000);
  const count = flags.count === undefined ? undefined : wholeNumber('--count', flags.count, 1, COUNT_MAX);
  const rate = flags.rate === undefined ? Infinity : wholeNumber('--rate', flags.rate, 1, COUNT_MAX);
  const seed = wholeNumber('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER);
  const lines =
    flags.file === undefined ? linesOf(generated(count ?? COUNT, seed)) : fileLines(someText('--file', flags.file));
  const [made] = await kafka.ensureTopics({ bootstrap }, [
    { name: topic, partitions, config: { 'retention.ms': '-1' } },
  ]);
  const failures: Error[] = [];
  const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, acks: 'all', 'linger.ms': 5 };
  const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
  const started = performance.now();
  let sent = 0;
  for await (const line of lines) {
    if (count !== undefined && sent >= count) break;
    const key = keyOf(line);
    const partition =
      key === null ? sent % (made?.partitions.length ?? 1) : kafka.partitionOf(key, made?.partitions.length ?? 1);
    const record = { topic, partition, key, value: line, timestamp: undefined, headers: [] };
    while (!producer.send(record)) await pause(PACE_MS);
    sent++;
    while (sent / rate > (performance.now() - started) / 1_000) await pause(PACE_MS);
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }
  await producer.flush();
  await producer.close();
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  console.log(`${sent} orders written to ${topic} on ${bootstrap}`);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
