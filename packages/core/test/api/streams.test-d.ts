import { expectTypeOf } from 'vitest';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  deadLetter,
  decimal,
  decimalAvg,
  decimalSum,
  deltaTrigger,
  globalWindow,
  memory,
  memorySink,
  session,
  sideOutput,
  sliding,
  string,
  struct,
  timestamp,
  tumbling,
  tumblingProcessingTime,
  type DataStream,
  type Infer,
  type WindowResult,
  typed,
  valueState,
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

// --- Windows, triggers and state.

// Windows by the clock, by counts and for ever need no timestamps, and their results have none either.
const clocked = untimed
  .keyBy((o) => o.category)
  .window(tumblingProcessingTime('5m'))
  .aggregate({ n: count() });
expectTypeOf(clocked).toEqualTypeOf<DataStream<WindowResult<string, { readonly n: number }>, false>>();
expectTypeOf(
  untimed
    .keyBy((o) => o.category)
    .countWindow(10)
    .aggregate({ n: count() }),
).toEqualTypeOf(clocked);
expectTypeOf(untimed.windowAll(globalWindow()).aggregate({ n: count() })).toEqualTypeOf<
  DataStream<WindowResult<null, { readonly n: number }>, false>
>();
// Timestamps that are assigned make a stream fit for event time.
untimed.assignTimestamps(boundedOutOfOrderness('5s', (o) => o.event_time)).windowAll(sliding('10m', '1m'));
// @ts-expect-error sessions of event time need timestamps, too
untimed.windowAll(session('30m'));
// The record is typed in a gap, a trigger and an evictor.
orders.windowAll(session((o) => o.amount));
orders
  .windowAll(globalWindow())
  .trigger(deltaTrigger({ threshold: 1, delta: (a: Infer<typeof Order>, b) => b.amount - a.amount }));
// @ts-expect-error a trigger for other records
orders.windowAll(globalWindow()).trigger(deltaTrigger({ threshold: 1, delta: (a: string, b) => b.length - a.length }));
// What a process function emits is said by `emits`, and checked.
const processed = orders
  .keyBy((o) => o.category)
  .process({
    state: { last: valueState<number>(), first: valueState<number>({ initial: () => 0 }) },
    emits: typed<string>(),
    onRecord(order, ctx) {
      expectTypeOf(order.amount).toEqualTypeOf<number>();
      expectTypeOf(ctx.key).toEqualTypeOf<string>();
      expectTypeOf(ctx.state.last.get()).toEqualTypeOf<number | undefined>();
      expectTypeOf(ctx.state.first.get()).toEqualTypeOf<number>();
      ctx.emit(order.category);
      // @ts-expect-error it emits text
      ctx.emit(order.amount);
      // @ts-expect-error the tag carries numbers
      ctx.side(sideOutput<number>('n'), order.category);
    },
  });
expectTypeOf(processed).toEqualTypeOf<DataStream<string, true>>();
// Keys may be tuples and objects; two streams are connected by one kind of key only.
const pairs = orders.keyBy((o) => [o.category, o.amount]);
expectTypeOf(pairs.countWindow(2).aggregate({ n: count() })).toMatchTypeOf<
  DataStream<WindowResult<readonly [string, number], { readonly n: number }>, true>
>();
// @ts-expect-error one is keyed by text, the other by numbers
orders.keyBy((o) => o.category).connect(orders.keyBy((o) => o.amount));
