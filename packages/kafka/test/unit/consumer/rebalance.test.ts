import { expect, it } from 'vitest';
import { kafkaError } from '../../../src/driver/kafka-error.ts';
import { cluster, committed, gate, started } from './consumer-fixture.ts';

const keyed = (count: number, partitions: number) =>
  Array.from({ length: count }, (_, i) => ({ partition: i % partitions, key: `k${i % 20}`, value: String(i) }));

it('commits what is done before another member gets its share: nothing is processed twice', async () => {
  const broker = cluster(4);
  broker.produce('orders', keyed(2_000, 4));
  const seen: string[] = [];
  const by: Record<string, number> = { a: 0, b: 0 };
  const handler =
    (name: string) =>
    async ({ value }: { readonly value: string | null }) => {
      seen.push(String(value));
      by[name] = (by[name] ?? 0) + 1;
      if (seen.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    };
  const options = { concurrency: 8, commitInterval: '1h', buffer: 30 } as const;
  started(broker, handler('a'), options);
  await expect.poll(() => seen.length).toBeGreaterThan(50);
  const second = started(broker, handler('b'), options);
  await expect.poll(async () => (await second.consumer.lag()).length, { timeout: 20_000 }).toBe(2);
  broker.produce(
    'orders',
    keyed(400, 4).map((record) => ({ ...record, value: `later ${record.value}` })),
  );
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(2_400);
  expect(new Set(seen).size).toBe(2_400);
  expect(by['a']).toBeGreaterThan(0);
  expect(by['b']).toBeGreaterThan(0);
  await second.consumer.stop();
});

it('gives partitions away in bounded time: what takes longer is aborted and done by the other member', async () => {
  const broker = cluster(2);
  broker.produce('orders', [
    { partition: 0, key: 'a', value: 'zero' },
    { partition: 1, key: 'b', value: 'one' },
  ]);
  const signals: AbortSignal[] = [];
  const stuck = { drainTimeout: '50ms', concurrency: 2 } as const;
  started(
    broker,
    ({ signal }) => {
      signals.push(signal);
      return new Promise<void>(() => undefined);
    },
    stuck,
  );
  await expect.poll(() => signals.length).toBe(2);
  const seen: string[] = [];
  started(broker, ({ value }) => void seen.push(String(value)));
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBe(1);
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});

it('a record whose partition comes back waits for the handler that was given up', async () => {
  const broker = cluster(1);
  broker.produce('orders', [{ key: 'a', value: 'one' }]);
  const held = gate();
  let running = 0;
  let most = 0;
  let calls = 0;
  const first = started(
    broker,
    async () => {
      calls++;
      most = Math.max(most, ++running);
      await held.opened;
      running--;
    },
    { drainTimeout: '20ms', concurrency: 4, instance: 'a' },
  );
  await expect.poll(() => calls).toBe(1);
  // Another member comes and goes: the partition of the first goes through another round.
  const other = started(broker, () => undefined, { instance: 'b' });
  await expect.poll(async () => (await first.consumer.lag()).length, { timeout: 20_000 }).toBe(1);
  held.open();
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 1 });
  expect(most).toBe(1);
  await other.consumer.stop();
});

it('close ends what a stop waits for, also where a round of the group had begun before', async () => {
  const broker = cluster(2);
  broker.produce('orders', [{ partition: 0, key: 'a', value: 'zero' }]);
  const signals: AbortSignal[] = [];
  const first = started(broker, ({ signal }) => {
    signals.push(signal);
    return new Promise<void>(() => undefined);
  });
  await expect.poll(() => signals.length).toBe(1);
  started(broker, () => undefined);
  // The round waits for the handler, which does not end: nothing is read any more.
  await expect.poll(async () => (await first.consumer.lag()).length, { timeout: 20_000 }).toBe(0);
  const stopped = first.consumer.stop();
  const beganMs = performance.now();
  await first.consumer.close();
  await stopped;
  expect(performance.now() - beganMs).toBeLessThan(10_000);
  expect(signals[0]?.aborted).toBe(true);
});

it('a member whose place was taken ends, and says why', async () => {
  const broker = cluster(1);
  const first = started(broker, () => undefined, { instance: 'same' });
  await expect.poll(async () => (await first.consumer.lag()).length).toBe(1);
  const seen: string[] = [];
  const second = started(broker, ({ value }) => void seen.push(String(value)), { instance: 'same' });
  await expect.poll(async () => (await second.consumer.lag()).length).toBe(1);
  broker.produce('orders', [{ key: 'a', value: 'x' }]);
  expect(await first.ended).toMatchObject({ code: 'CHECKPOINT_FENCED' });
  await expect.poll(() => seen).toEqual(['x']);
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 1 });
});

it("'at-most-once' commits before the handler begins, and tries once", async () => {
  const broker = cluster(1);
  broker.produce('orders', [{ key: 'a', value: 'one' }]);
  const before: unknown[] = [];
  started(
    broker,
    ({ attempt }) => {
      before.push([attempt, committed(broker)]);
      throw new Error('down');
    },
    { guarantee: 'at-most-once' },
  );
  await expect.poll(() => broker.topicNames()).toEqual(['dlq.billing.orders', 'orders']);
  expect(before).toEqual([[1, { 'orders-0': 1 }]]);
});

it("'at-most-once' does nothing twice while members come and go", async () => {
  const broker = cluster(4);
  broker.produce('orders', keyed(1_000, 4));
  const seen: string[] = [];
  const handler = async ({ value }: { readonly value: string | null }): Promise<void> => {
    seen.push(String(value));
    if (seen.length % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const options = { guarantee: 'at-most-once', concurrency: 4, buffer: 20 } as const;
  const first = started(broker, handler, options);
  await expect.poll(() => seen.length).toBeGreaterThan(20);
  const second = started(broker, handler, options);
  await expect.poll(async () => (await second.consumer.lag()).length, { timeout: 20_000 }).toBe(2);
  await first.consumer.stop();
  const behind = async () => (await second.consumer.lag()).map(({ lag }) => lag);
  await expect.poll(behind, { timeout: 20_000 }).toEqual([0, 0, 0, 0]);
  await second.consumer.stop();
  expect(new Set(seen).size).toBe(seen.length);
});

it('asks where to begin with another client when the first does not find its way after a restart of the broker', async () => {
  const broker = cluster(1);
  broker.produce('orders', [{ key: 'a', value: 'one' }]);
  let clients = 0;
  const stale = { code: 74, message: 'Broker: Leader epoch is older than broker epoch' };
  const driver: typeof broker.driver = {
    ...broker.driver,
    async admin(settings) {
      const admin = await broker.driver.admin(settings);
      const lost = ++clients === 1;
      return Object.assign(Object.create(admin) as typeof admin, {
        offsets: (...asked: Parameters<typeof admin.offsets>) =>
          lost ? Promise.reject(kafkaError('listOffsets', stale)) : admin.offsets(...asked),
      });
    },
  };
  const seen: string[] = [];
  started(broker, ({ value }) => void seen.push(String(value)), { driver });
  await expect.poll(() => seen, { timeout: 10_000 }).toEqual(['one']);
  expect(clients).toBe(2);
});
