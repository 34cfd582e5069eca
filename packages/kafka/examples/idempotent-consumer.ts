/**
 * Idempotent consumer with PostgreSQL: an effect and the memory of it in one transaction, so that a payment that comes twice is booked once.
 *
 *   npm run example -- idempotent-consumer
 *
 * needs: kafka, postgres
 */
import { setTimeout as wait } from 'node:timers/promises';
import { int, string, struct, type Infer } from 'millrace';
import { postgresStore, processedOnce } from '@millrace/idempotence';
import { kafka, type ConsumedRecord } from '@millrace/kafka';
import { Pool } from 'pg';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const topic = process.env['TOPIC'] ?? 'payments.booked-once';
const database = process.env['DATABASE_URL'] ?? 'postgres://localhost/shop';

const Payment = struct({ id: string(), account: string(), cents: int() });
type Payment = Infer<typeof Payment>;

const pool = new Pool({ connectionString: database, max: 20 });
await pool.query('CREATE TABLE IF NOT EXISTS accounts (id text PRIMARY KEY, cents bigint NOT NULL)');
await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 4 }]);

// Something to read: payments of 10 accounts, each of them sent twice.
const producer = await kafka.producer({ bootstrap });
for (let i = 0; i < 200; i++) {
  const account = `account-${i % 10}`;
  void producer.send({ topic, key: account, value: { id: `p-${i % 100}`, account, cents: 100 } });
}
await producer.close();

const once = processedOnce({
  id: ({ value }: ConsumedRecord<Payment>) => value?.id ?? '',
  store: postgresStore(pool, { scope: 'billing' }),
  ttl: '7d',
});
const consumer = kafka.consumer({
  bootstrap,
  group: 'booking-service',
  topics: topic,
  schema: Payment,
  concurrency: 16,
});
const running = consumer.run(
  once(async ({ value }, { tx }) => {
    if (value === null) return;
    await tx.query(
      'INSERT INTO accounts AS a VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET cents = a.cents + EXCLUDED.cents',
      [value.account, value.cents],
    );
  }),
);

// Here: until there is nothing left. A service runs until it is told to stop.
while ((await consumer.lag()).length === 0 || (await consumer.lag()).some(({ lag }) => lag > 0)) await wait(200);
await consumer.stop();
await running;
const { rows } = await pool.query<{ id: string; cents: string }>('SELECT id, cents FROM accounts ORDER BY id');
for (const { id, cents } of rows) console.log(`${id}: ${cents} cents`);
await pool.end();
