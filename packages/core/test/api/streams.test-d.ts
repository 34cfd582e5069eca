import { expectTypeOf } from 'vitest';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  decimal,
  decimalAvg,
  decimalSum,
  deadLetter,
  memory,
  memorySink,
  sideOutput,
  string,
  struct,
  timestamp,
  tumbling,
  type DataStream,
  type WindowResult,
} from '../../src/index.ts';
import { ndjson } from '../../src/node.ts';

const Order = struct({ order_id: string(), category: string(), amount: decimal(10, 2), event_time: timestamp() });
interface Order {
  order_id: string;
  category: string;
  amount: number;
  event_time: number;
}

const flow = dataflow('types');
const watermarks = { watermarks: boundedOutOfOrderness('5s', (o: Order) => o.event_time) };
const source = ndjson('orders.ndjson', { schema: Order, onError: deadLetter(ndjson.sink('dead')) });
const orders = flow.from('orders', source, { watermarks: boundedOutOfOrderness('5s', (o) => o.event_time) });

expectTypeOf(orders).toEqualTypeOf<DataStream<Order, true>>();

// Everything is inferred from the schema to the row.
const rows = orders
  .filter((o) => o.amount > 0)
  .keyBy((o) => o.category)
  .window(tumbling('5m'))
  .aggregate(
    {
      orders: count(),
      revenue: decimalSum((o) => o.amount),
      wide: decimalSum((o) => o.amount, { wide: true }),
      mean: decimalAvg((o) => o.amount),
    },
    (r) => ({
      category: r.key,
      start: r.window.start,
      n: r.value.orders,
      revenue: r.value.revenue,
      wide: r.value.wide,
    }),
  );
expectTypeOf(rows).toEqualTypeOf<
  DataStream<{ category: string; start: number; n: number; revenue: number; wide: bigint }, true>
>();

const results = orders.windowAll(tumbling('1m')).reduce((a, b) => (a.amount > b.amount ? a : b));
expectTypeOf(results).toEqualTypeOf<DataStream<WindowResult<null, Order>, true>>();

// Side outputs and branches carry their types.
const late = sideOutput<Order>('late');
expectTypeOf(rows.side(late)).toEqualTypeOf<DataStream<Order, true>>();
const mixed = flow.from('mixed', memory<string | number>([]));
const [texts, others] = mixed.split((v) => typeof v === 'string');
expectTypeOf(texts).toEqualTypeOf<DataStream<string, false>>();
expectTypeOf(others).toEqualTypeOf<DataStream<number, false>>();
expectTypeOf(mixed.filter((v) => typeof v === 'number')).toEqualTypeOf<DataStream<number, false>>();

// Decoders, projections and lines without schema.
expectTypeOf(flow.from('a', ndjson('f', { decode: (line) => line.length }))).toEqualTypeOf<DataStream<number, false>>();
expectTypeOf(flow.from('b', ndjson('f', { schema: Order, project: (o, line) => ({ o, line }) }))).toEqualTypeOf<
  DataStream<{ o: Order; line: string }, false>
>();
expectTypeOf(flow.from('c', ndjson('f'))).toEqualTypeOf<DataStream<unknown, false>>();

// --- What must not compile.

const untimed = flow.from('untimed', source);
// @ts-expect-error an event-time window needs timestamps
untimed.keyBy((o) => o.category).window(tumbling('5m'));
// @ts-expect-error also without key
untimed.windowAll(tumbling('5m'));
// @ts-expect-error no such field
flow.from('x', source, { watermarks: boundedOutOfOrderness('5s', (o) => o.nope) });
// @ts-expect-error no such field in an aggregate
orders.windowAll(tumbling('5m')).aggregate({ n: decimalSum((o) => o.nope) });
// @ts-expect-error a sum of text
orders.windowAll(tumbling('5m')).aggregate({ n: decimalSum((o) => o.category) });
// @ts-expect-error not a duration
tumbling('5 minutes');
// @ts-expect-error a key must be comparable by value
orders.keyBy((o) => ({ c: new Map([[o.category, 1]]) }));
// @ts-expect-error the sink takes something else
orders.to('out', memorySink<string>());
// @ts-expect-error a timed and an untimed stream cannot be united
orders.union(untimed);
const windowed = orders.keyBy((o) => o.category).window(tumbling('5m'));
// @ts-expect-error the late tag carries other records
windowed.lateTo(sideOutput<string>('late'));
// @ts-expect-error flatMap returns an iterable
orders.flatMap((o) => o.amount);
// @ts-expect-error schema and decode exclude each other
ndjson('f', { schema: Order, decode: (line: string) => line });
// @ts-expect-error a result has the fields of its spec only
orders.windowAll(tumbling('5m')).aggregate({ n: count() }, (r) => r.value.m);

void watermarks;
