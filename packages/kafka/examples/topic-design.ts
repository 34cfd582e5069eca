/**
 * Topic design in code: names, keys and retention by the kind of topic; what a cluster lacks is printed, made, and used with its types.
 *
 *   npm run example -- topic-design
 *
 * needs: kafka
 */
import { boundedOutOfOrderness, dataflow, decimal, int, memory, string, struct, timestamp } from 'millrace';
import { directory } from 'millrace/node';
import { kafka, topics } from '@millrace/kafka';

const bootstrap = process.env['KAFKA_BOOTSTRAP'] ?? 'localhost:9092';
/** `domain.entity.event`: of a name that is written down the compiler checks the pattern, of this one `topics.event` does. */
const input = (process.env['TOPIC'] ?? 'shop.order.placed') as `${string}.${string}.${string}`;
const folder = process.env['EXAMPLE_FOLDER'] ?? '.millrace/topic-design';

const Order = struct({ order_id: string(), amount: decimal(10, 2), event_time: timestamp() });
const Capture = struct({ order_id: string(), cents: int() });

const shop = topics.define({
  orders: topics.event(input, { schema: Order, key: 'order_id', partitions: 6 }),
  captures: topics.commands('commands.payment.capture', { schema: Capture, key: (c) => c.order_id, partitions: 6 }),
  dead: topics.dlq(`dlq.topic-design.${input}`),
});
await shop.plan({ bootstrap }); // prints what is missing and what differs
await shop.ensure({ bootstrap }); // makes what is missing, refuses what breaks the design

const { orders, captures } = shop.topics;

// Something to read. The topic brings key, schema and format along.
const begun = Date.now();
const feed = dataflow('topic-design-feed');
const rows = ['o-1', 'o-2', 'o-3'].map((order_id, i) => ({ order_id, amount: 1_250 + i, event_time: Date.now() }));
feed.from('orders', memory(rows)).to('topic', kafka.sink(orders.name, { bootstrap, ...orders.write }));
await (
  await feed.run()
).done;

const dead = kafka.deadLetters();
const flow = dataflow('topic-design');
flow
  // One that goes on for ever has no `until` and no `fresh`: it is started again where it stopped.
  .from(
    'orders',
    kafka.topic(orders.name, { ...orders.read, start: { timestamp: begun }, until: 'end', onError: dead }),
    {
      watermarks: boundedOutOfOrderness('5s', (order) => order.event_time),
    },
  )
  .map((order) => ({ order_id: order.order_id, cents: order.amount }))
  .to('captures', kafka.sink(captures.name, captures.write));
const handle = await flow.run(kafka.solo({ fresh: true, bootstrap, checkpoints: directory(folder), onError: dead }));
await handle.done;
for (const { name, in: taken, out } of handle.metrics().operators) console.log(`${name}: ${taken} in, ${out} out`);
