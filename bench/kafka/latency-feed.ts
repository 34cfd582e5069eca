/**
 * Writes records at a fixed rate, whatever becomes of them: each has a time at which it is due, and carries it. What is sent
 * late, because this process or the client had no time, still counts from when it was due.
 *
 *   latency-feed.ts BOOTSTRAP TOPIC PARTITIONS RATE SECONDS
 *
 * Says one line of JSON at the end: how many records, and by how much the latest one was sent too late.
 */
import { confluentDriver } from '../../packages/kafka/src/index.ts';
import { bench } from '../harness/partner.ts';
import { sharedClockMs } from './percentiles.ts';

const [bootstrap = '', topic = '', partitions = '1', rate = '1000', seconds = '60'] = process.argv.slice(2);
const count = Number(rate) * Number(seconds);
const failures: Error[] = [];
const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, 'linger.ms': 0 };
const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
const started = sharedClockMs() + 100;
let sent = 0;
let latestMs = 0;

/** Everything that is due by now. */
function sendDue(): boolean {
  for (; sent < count; sent++) {
    const dueMs = started + (sent * 1_000) / Number(rate);
    const now = sharedClockMs();
    if (dueMs > now) return true;
    const value = Buffer.from(JSON.stringify({ n: sent, due: dueMs, category: 'books', amount: 12.5 }));
    const partition = sent % Number(partitions);
    if (!producer.send({ topic, partition, key: null, value, timestamp: undefined, headers: [] })) return true;
    latestMs = Math.max(latestMs, now - dueMs);
  }
  return false;
}

while (sendDue()) await new Promise((resolve) => setTimeout(resolve, 1));
await producer.flush();
await producer.close();
if (failures[0] !== undefined) throw failures[0];
bench.say({ sent, latestMs });
process.exit(0);
