/**
 * Producer for code outside of dataflows: each send is a promise; events that must outlive outages and restarts go through a queue on disk.
 *
 *   npm run example -- producer
 *
 * needs: kafka
 */
import { decimal, string, struct } from 'millrace';
import { kafka } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const topic = process.env['TOPIC'] ?? 'shop.orders.placed';
const folder = process.env['EXAMPLE_FOLDER'] ?? '.millrace/producer';

await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 4 }]);

const producer = await kafka.producer({
  bootstrap,
  topics: { [topic]: { schema: struct({ order_id: string(), amount: decimal(10, 2) }) } },
  queue: { directory: `${folder}/outbox`, maxBytes: 1024 ** 3 },
});

// Safe on disk, or delivered: answer the customer now.
await producer.enqueue({ topic, key: 'o-1', value: { order_id: 'o-1', amount: 1250 } });

// Delivered: acknowledged by all replicas in sync.
const { partition, offset } = await producer.send({
  topic,
  key: 'o-1',
  value: { order_id: 'o-1', amount: 1300 },
  headers: { 'trace-id': '4bf92f35' },
});
console.log(`order o-1 is at ${partition}/${offset}`);

// Nothing more is taken; what is left after the time stays on disk.
const left = await producer.close({ within: '10s' });
console.log(`${left} events wait for the next start`);
