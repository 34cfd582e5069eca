/**
 * A consumer as a process of its own, to be killed: prints `joined` and the value of each record that it is done with, one a line.
 *
 *   node --conditions=millrace-source --import tsx consumer.ts BOOTSTRAP GROUP TOPIC
 */
import { silentLogger } from 'millrace';
import { kafka } from '../../src/index.ts';

const [bootstrap = '', group = '', topic = ''] = process.argv.slice(2);
const consumer = kafka.consumer({
  bootstrap,
  group,
  topics: topic,
  format: kafka.string(),
  concurrency: 4,
  commitInterval: '20ms',
  client: { 'session.timeout.ms': 6_000 },
  logger: silentLogger,
});
process.once('SIGTERM', () => void consumer.stop());
await consumer.run(async ({ value }) => {
  // In one write, so that a kill leaves no half of it.
  await new Promise<void>((resolve) => process.stdout.write(`${value}\n`, () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, 5));
});
