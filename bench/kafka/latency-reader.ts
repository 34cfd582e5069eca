/**
 * Reads a topic, committed records only, and notes for each how long ago it was due.
 *
 *   latency-reader.ts BOOTSTRAP TOPIC PARTITIONS COUNT SKIPPED
 *
 * Says "ready", and when it has COUNT records one line of JSON: latencies of all but the first SKIPPED, records seen twice.
 */
import { confluentDriver } from '../../packages/kafka/src/index.ts';
import { bench } from '../harness/partner.ts';
import { percentilesOf, sharedClockMs } from './percentiles.ts';

const [bootstrap = '', topic = '', partitions = '1', count = '0', skipped = '0'] = process.argv.slice(2);
const settings = {
  'bootstrap.servers': bootstrap,
  'group.id': `${topic}-reader`,
  'isolation.level': 'read_committed',
  'enable.auto.commit': false,
  'auto.offset.reset': 'error',
};
let wake = (): void => undefined;
const consumer = await confluentDriver.consumer(settings, {
  ready: () => wake(),
  failed: (error) => {
    throw error;
  },
});
consumer.assign(Array.from({ length: Number(partitions) }, (_, partition) => ({ topic, partition, offset: 0 })));
bench.say('ready');
const seen = new Set<number>();
const latencies: number[] = [];
let twice = 0;
while (seen.size < Number(count)) {
  const more = new Promise<void>((resolve) => (wake = resolve));
  const { records } = await consumer.fetch(256);
  const now = sharedClockMs();
  for (let i = 0; i < records.length; i++) {
    const { n, due } = JSON.parse(Buffer.from(records.value(i) ?? []).toString()) as { n: number; due: number };
    if (seen.has(n)) twice++;
    seen.add(n);
    if (n >= Number(skipped)) latencies.push(now - due);
  }
  if (records.length === 0) await more;
}
bench.say({ ...percentilesOf(latencies), twice });
await consumer.close();
process.exit(0);
