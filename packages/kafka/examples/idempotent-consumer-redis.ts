/**
 * Idempotent consumer with Redis: for effects outside of any database, such as mails. At-least-once with a window: a crash in it repeats.
 *
 *   npm run example -- idempotent-consumer-redis
 *
 * needs: kafka, redis
 */
import { setTimeout as wait } from 'node:timers/promises';
import { string, struct, type Infer } from 'millrace';
import { processedOnce, redisStore } from '@millrace/idempotence';
import { kafka, type ConsumedRecord } from '@millrace/kafka';
import { Redis } from 'ioredis';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const topic = process.env['TOPIC'] ?? 'commands.mail.send';
const redis = new Redis(process.env['REDIS_URL'] ?? 'redis://localhost:6379');

const Mail = struct({ id: string(), to: string() });
type Mail = Infer<typeof Mail>;
await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 4 }]);

// Something to read: 50 mails, each of them asked for three times.
const run = Date.now();
const producer = await kafka.producer({ bootstrap });
for (let i = 0; i < 150; i++) {
  const id = `${run}-${i % 50}`;
  void producer.send({ topic, key: id, value: { id, to: `customer-${i % 50}@example.com` } });
}
await producer.close();

let sent = 0;
const once = processedOnce({
  id: ({ value }: ConsumedRecord<Mail>) => value?.id ?? '',
  store: redisStore(redis, { prefix: 'mails:' }),
  ttl: '7d',
});
const consumer = kafka.consumer({ bootstrap, group: 'mail-service', topics: topic, schema: Mail, concurrency: 16 });
const running = consumer.run(
  once(async ({ value }) => {
    if (value?.id.startsWith(`${run}-`) === true) sent++;
  }),
);

// Here: until there is nothing left. A service runs until it is told to stop.
while ((await consumer.lag()).length === 0 || (await consumer.lag()).some(({ lag }) => lag > 0)) await wait(200);
await consumer.stop();
await running;
console.log(`${sent} mails sent`);
await redis.quit();
