/**
 * Schemas in a registry: orders as Avro, a change that would break their readers refused before anything is written, Debezium's changes.
 *
 *   npm run example -- schemas
 *
 * needs: kafka, registry
 */
import { dataflow, decimal, int, memory, memorySink, messageOf, optional, string, struct, type Schema } from 'millrace';
import { kafka, type Format } from '@millrace/kafka';
import { schemaRegistry } from '@millrace/registry';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
const topic = process.env['TOPIC'] ?? 'shop.order.created';
const changes = 'cdc.shop.customers';
const registry = schemaRegistry({ url: process.env['REGISTRY_URL'] ?? 'http://localhost:8081' });

// One partition: what is read below comes in the order in which it was written.
await kafka.ensureTopics({ bootstrap }, [
  { name: topic, partitions: 1 },
  { name: changes, partitions: 1 },
]);

async function write<T>(name: string, rows: readonly T[], to: string, format: Format<T>): Promise<void> {
  const flow = dataflow(name);
  flow.from('rows', memory(rows)).to('topic', kafka.sink(to, { bootstrap, format }));
  await (
    await flow.run()
  ).done;
}

async function read<T>(name: string, from: string, format: Format<T>): Promise<readonly T[]> {
  const sink = memorySink<T>();
  const flow = dataflow(name);
  flow.from('topic', kafka.topic(from, { bootstrap, format, until: 'end' })).to('rows', sink);
  await (
    await flow.run()
  ).done;
  return sink.rows;
}

const avro = <T>(schema: Schema<T>): Format<T> => registry.avro(schema, { name: 'com.shop.Order' });

const Order = struct({ order_id: string(), amount: decimal(10, 2) });
await write('orders-v1', [{ order_id: 'o-1', amount: 1_250 }], topic, avro(Order));

// A field that may be missing: readers of the old schema go on, and so do those of the new one.
const OrderWithNote = struct({ order_id: string(), amount: decimal(10, 2), note: optional(string()) });
await write('orders-v2', [{ order_id: 'o-2', amount: 990, note: 'gift' }], topic, avro(OrderWithNote));
console.log('old readers:', (await read('old', topic, avro(Order))).slice(-2));
console.log('new readers:', (await read('new', topic, avro(OrderWithNote))).slice(-2));

// A change that breaks them is refused before the first record.
const Broken = struct({ order_id: int(), amount: decimal(10, 2) });
await write('orders-v3', [{ order_id: 3, amount: 1 }], topic, avro(Broken)).catch((error: unknown) => {
  console.log('refused:', messageOf(error).split('\n')[0]);
});

// A table's changes, as Debezium's connector for PostgreSQL writes them in JSON.
const Customer = struct({ id: int(), email: string(), credit: decimal(10, 2) });
const source = {
  connector: 'postgresql',
  db: 'shop',
  schema: 'public',
  table: 'customers',
  lsn: 101,
  txId: 9,
  ts_ms: 5,
};
const row = (email: string) => ({ id: 1, email, credit: 'BM4=' }); // 12.30: decimal.handling.mode=precise
const envelopes = [
  { op: 'c', source, before: null, after: row('a@example.com') },
  { op: 'u', source: { ...source, lsn: 102 }, before: row('a@example.com'), after: row('b@example.com') },
  { op: 'd', source: { ...source, lsn: 103 }, before: row('b@example.com'), after: null },
];
await write('changes', envelopes, changes, kafka.json());
const format = kafka.debezium(Customer, { decimals: 'base64' });
for (const { op, before, after } of (await read('customers', changes, format)).slice(-3))
  console.log(op, before, after);
