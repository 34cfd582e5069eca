import { double, int, string, struct } from 'millrace';
import { expectTypeOf, it } from 'vitest';
import { kafka, topics, type DefinedTopic } from '../../src/index.ts';

const Order = struct({ order_id: string(), items: int(), amount: double() });
type Order = { order_id: string; items: number; amount: number };

it('a defined topic carries the type of its values to sources and sinks', () => {
  const orders = topics.event('shop.order.placed', { schema: Order, key: 'order_id', partitions: 6 });
  expectTypeOf(orders).toEqualTypeOf<DefinedTopic<Order>>();
  const design = topics.define({ orders, dead: topics.dlq('dlq.revenue.shop.order.placed') });
  expectTypeOf(design.topics.orders).toEqualTypeOf<DefinedTopic<Order>>();
  expectTypeOf(design.topics.dead).toEqualTypeOf<DefinedTopic<Uint8Array>>();
  kafka.sink(orders.name, orders.write);
  kafka.topic(orders.name, { ...orders.read, project: (order) => order.items });
  topics.event('shop.order.placed', { schema: Order, key: (order) => order.order_id, partitions: 6 });
});

it('names, keys and options that the kind does not have do not compile', () => {
  const good = { schema: Order, key: 'order_id', partitions: 1 } as const;
  // @ts-expect-error two words
  expectTypeOf(() => topics.event('shop.order', good)).toBeFunction();
  // @ts-expect-error another first word
  expectTypeOf(() => topics.cdc('shop.order.placed', good)).toBeFunction();
  // @ts-expect-error another first word
  expectTypeOf(() => topics.dlq('shop.order.placed')).toBeFunction();
  // @ts-expect-error no such field
  expectTypeOf(() => topics.event('a.b.c', { ...good, key: 'order' })).toBeFunction();
  const without = { schema: Order, partitions: 1 } as const;
  // @ts-expect-error compacted topics need a key
  expectTypeOf(() => topics.event('a.b.c', without)).toBeFunction();
  // @ts-expect-error nor may a record be without one
  expectTypeOf(() => topics.event('a.b.c', { ...without, key: () => null })).toBeFunction();
  // @ts-expect-error commands are kept for 24 hours
  expectTypeOf(() => topics.commands('commands.a.b', { ...good, retention: '1h' })).toBeFunction();
  // @ts-expect-error of what shape are the values
  expectTypeOf(() => topics.metrics('metrics.a.b', { partitions: 1 })).toBeFunction();
});
