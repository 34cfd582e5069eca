import type { MillraceError } from 'millrace';
import { expect, it } from 'vitest';
import type { ConsumedRecord } from '../../../src/index.ts';
import { cluster, committed, gate, started } from './consumer-fixture.ts';

const numbered = (count: number, keys: number = count) =>
  Array.from({ length: count }, (_, i) => ({ key: `k${i % keys}`, value: String(i) }));

it('hands over key, value, headers and place of each record, and commits what is done', async () => {
  const broker = cluster();
  broker.produce('orders', [
    { key: 'a', value: 'one', timestamp: 1_000, headers: [['trace', new TextEncoder().encode('t1')]] },
    { key: null, value: null, timestamp: 2_000 },
  ]);
  const seen: ConsumedRecord<string, string>[] = [];
  started(broker, (record) => void seen.push(record));
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 2 });
  expect(
    seen.map(({ signal, headers, ...rest }) => ({ ...rest, aborted: signal.aborted, names: headers.map(String) })),
  ).toEqual([
    {
      ...{
        topic: 'orders',
        partition: 0,
        offset: 0,
        timestamp: 1_000,
        key: 'a',
        value: 'one',
        attempt: 1,
        aborted: false,
      },
      names: ['trace,116,49'],
    },
    {
      ...{
        topic: 'orders',
        partition: 0,
        offset: 1,
        timestamp: 2_000,
        key: null,
        value: null,
        attempt: 1,
        aborted: false,
      },
      names: [],
    },
  ]);
});

it('runs records of different keys at once, up to concurrency, and those of one key in order', async () => {
  const broker = cluster(2);
  const records = numbered(400, 40).map((record, i) => ({ ...record, partition: (i % 40) % 2 }));
  broker.produce('orders', records);
  let running = 0;
  let most = 0;
  const byKey = new Map<string, number[]>();
  const active = new Set<string>();
  started(
    broker,
    async ({ key, value }) => {
      const name = String(key);
      expect(active.has(name)).toBe(false);
      active.add(name);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      active.delete(name);
      byKey.set(name, [...(byKey.get(name) ?? []), Number(value)]);
    },
    { concurrency: 8 },
  );
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 200, 'orders-1': 200 });
  expect(most).toBe(8);
  expect(byKey.size).toBe(40);
  for (const [key, values] of byKey)
    expect(values, key).toEqual(Array.from({ length: 10 }, (_, i) => Number(key.slice(1)) + 40 * i));
});

it('commits the lowest offset that is not done, whatever is done above it', async () => {
  const broker = cluster();
  broker.produce('orders', numbered(10));
  const held = gate();
  let done = 0;
  const { consumer } = started(
    broker,
    async ({ offset }) => {
      if (offset === 3) await held.opened;
      done++;
    },
    { concurrency: 4 },
  );
  await expect.poll(() => [done, committed(broker)]).toEqual([9, { 'orders-0': 3 }]);
  expect(await consumer.lag()).toEqual([{ topic: 'orders', partition: 0, position: 3, end: 10, lag: 7 }]);
  held.open();
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 10 });
  expect(await consumer.lag()).toMatchObject([{ lag: 0 }]);
});

it('holds back a full partition, and no other, and reads on when there is room', async () => {
  const broker = cluster(2);
  const stuck = Array.from({ length: 2_000 }, (_, i) => ({ partition: 0, key: 'stuck', value: String(i) }));
  broker.produce('orders', stuck);
  const held = gate();
  const seen = [0, 0];
  const { consumer } = started(
    broker,
    async ({ partition }) => {
      if (partition === 0) await held.opened;
      seen[partition] = (seen[partition] ?? 0) + 1;
    },
    { concurrency: 2, buffer: 20 },
  );
  await expect.poll(async () => (await consumer.lag()).length).toBe(2);
  for (let i = 0; i < 50; i++)
    broker.produce(
      'orders',
      Array.from({ length: 20 }, (_, j) => ({ partition: 1, key: `k${j}`, value: 'x' })),
    );
  await expect.poll(() => seen[1]).toBe(1_000);
  expect(seen[0]).toBe(0);
  held.open();
  await expect.poll(() => seen[0], { timeout: 20_000 }).toBe(2_000);
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 2_000, 'orders-1': 1_000 });
});

it("begins at the end with start: 'latest', and where the group stands when it comes again", async () => {
  const broker = cluster();
  broker.produce('orders', numbered(5));
  const values: string[] = [];
  const handler = ({ value }: ConsumedRecord<string, string>): void => void values.push(String(value));
  const first = started(broker, handler, { start: 'latest' });
  await expect.poll(async () => (await first.consumer.lag()).length).toBe(1);
  broker.produce('orders', [{ key: 'a', value: 'new' }]);
  await expect.poll(() => values).toEqual(['new']);
  await first.consumer.stop();
  expect(committed(broker)).toEqual({ 'orders-0': 6 });
  broker.produce('orders', [{ key: 'a', value: 'newer' }]);
  started(broker, handler);
  await expect.poll(() => values).toEqual(['new', 'newer']);
});

it('commits behind control records, so that a group that has read everything is not behind', async () => {
  const broker = cluster();
  broker.produce('orders', numbered(3), 'commit');
  const { consumer } = started(broker, () => undefined);
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 4 });
  expect(await consumer.lag()).toMatchObject([{ position: 4, lag: 0 }]);
});

it('stop waits for what is under way, commits it, and begins nothing more', async () => {
  const broker = cluster();
  broker.produce('orders', numbered(10));
  const held = gate();
  const begun: number[] = [];
  const { consumer, ended } = started(
    broker,
    async ({ offset }) => {
      begun.push(offset);
      await held.opened;
    },
    { concurrency: 2, commitInterval: '1h' },
  );
  await expect.poll(() => begun).toEqual([0, 1]);
  const stopping = consumer.stop();
  held.open();
  await stopping;
  expect(await ended).toBeUndefined();
  expect(begun).toEqual([0, 1]);
  expect(committed(broker)).toEqual({ 'orders-0': 2 });
  await consumer.stop();
});

it('stop aborts the signals of handlers that take longer than drainTimeout, and does not commit their records', async () => {
  const broker = cluster();
  broker.produce('orders', numbered(3));
  const signals: AbortSignal[] = [];
  const { consumer, ended } = started(
    broker,
    ({ offset, signal }) => {
      if (offset === 0) return;
      signals.push(signal);
      return new Promise<void>(() => undefined);
    },
    { concurrency: 4, commitInterval: '1h', drainTimeout: '30ms' },
  );
  await expect.poll(() => signals.length).toBe(2);
  await consumer.stop();
  expect(await ended).toBeUndefined();
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
  expect(committed(broker)).toEqual({ 'orders-0': 1 });
});

it('close waits for no handler', async () => {
  const broker = cluster();
  broker.produce('orders', numbered(1));
  const begun = gate();
  const { consumer, ended } = started(broker, () => {
    begun.open();
    return new Promise<void>(() => undefined);
  });
  await begun.opened;
  await consumer.close();
  expect(await ended).toBeUndefined();
  expect(committed(broker)).toEqual({});
});

it('says which topic is missing, and runs once', async () => {
  const broker = cluster();
  const { consumer, ended } = started(broker, () => undefined, { topics: ['orders', 'refunds'] });
  const error = (await ended) as MillraceError;
  expect(error.code).toBe('IO_NOT_FOUND');
  expect(error.message).toContain("there is no topic 'refunds'");
  await expect(consumer.run(() => undefined)).rejects.toMatchObject({ code: 'JOB_STATE' });
});

it('hands a record over once, though the client brings it again', async () => {
  const broker = cluster();
  const driver: typeof broker.driver = {
    ...broker.driver,
    async consumer(settings, events) {
      const inner = await broker.driver.consumer(settings, events);
      const again: (typeof last)[] = [];
      let last: Awaited<ReturnType<typeof inner.fetch>>;
      return {
        assign: (partitions) => inner.assign(partitions),
        unassign: (partitions) => inner.unassign(partitions),
        pause: (partitions) => inner.pause(partitions),
        resume: (partitions) => inner.resume(partitions),
        close: () => inner.close(),
        async fetch(maxRecords) {
          const repeated = again.pop();
          if (repeated !== undefined) return repeated;
          last = await inner.fetch(maxRecords);
          if (last.records.length > 0) again.push(last);
          return last;
        },
      };
    },
  };
  broker.produce('orders', [{ value: 'one' }, { value: 'two' }]);
  const seen: unknown[] = [];
  started(broker, ({ value }) => void seen.push(value), { driver });
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 2 });
  broker.produce('orders', [{ value: 'three' }]);
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 3 });
  expect(seen).toEqual(['one', 'two', 'three']);
});

it('may be stopped before it runs', async () => {
  const { consumer } = started(cluster(), () => undefined);
  await consumer.stop();
  expect(await consumer.lag()).toEqual([]);
});

it('close does not wait for a stop that waits for handlers', async () => {
  const broker = cluster();
  broker.produce('orders', [{ key: 'a', value: 'one' }]);
  const signals: AbortSignal[] = [];
  const { consumer, ended } = started(broker, ({ signal }) => {
    signals.push(signal);
    return new Promise<void>(() => undefined);
  });
  await expect.poll(() => signals.length).toBe(1);
  const stopped = consumer.stop();
  const beganMs = performance.now();
  await consumer.close();
  await stopped;
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  expect(signals[0]?.aborted).toBe(true);
  expect(await ended).toBeUndefined();
});
