/**
 * Consumer for code outside of dataflows: in order per key, many keys at once, tries with back-off, dead letters, commits behind the work.
 *
 *   npm run example -- consumer
 *
 * needs: kafka
 */
import { setTimeout as wait } from 'node:timers/promises';
import { int, string, struct } from 'millrace';
import { kafka } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const topic = process.env['TOPIC'] ?? 'payments';

const Payment = struct({ id: string(), account: string(), cents: int() });
await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 4 }]);

// Something to read: payments of 10 accounts, and one value that is no payment.
const producer = await kafka.producer({ bootstrap });
for (let i = 0; i < 100; i++) {
  const account = `account-${i % 10}`;
  void producer.send({ topic, key: account, value: { id: `p-${i}`, account, cents: i } });
}
await producer.send({ topic, key: 'account-0', value: { id: 'no payment' } });
await producer.close();

const consumer = kafka.consumer({
  bootstrap,
  group: 'billing-service',
  topics: topic,
  schema: Payment,
  concurrency: 16,
  attempts: 5,
  backoff: { min: '100ms', max: '10s' },
});
process.once('SIGTERM', () => void consumer.stop());

const booked = new Map<string, number>();
let failed = 0;
const running = consumer.run(async ({ key, value, attempt, signal }) => {
  if (value === null) return; // a tombstone
  await wait(1, undefined, { signal }); // the call to another system that takes its time
  if (value.id === 'p-7' && attempt === 1) throw new Error(`the bank is busy (${++failed})`);
  booked.set(String(key), (booked.get(String(key)) ?? 0) + value.cents);
});

// Here: until there is nothing left. A service runs until it is told to stop.
while ((await consumer.lag()).length === 0 || (await consumer.lag()).some(({ lag }) => lag > 0)) await wait(200);
await consumer.stop();
await running;
for (const [account, cents] of [...booked].sort()) console.log(`${account}: ${cents} cents`);
console.log(`tried again: ${failed}; what is no payment is in dlq.billing-service.${topic}`);
