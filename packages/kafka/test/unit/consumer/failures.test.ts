import { expect, it } from 'vitest';
import { kafka } from '../../../src/index.ts';
import type { ModelBroker } from '../../../src/testing.ts';
import { cluster, committed, gate, started } from './consumer-fixture.ts';

const decoder = new TextDecoder();

function letters(broker: ModelBroker, topic: string = 'dlq.billing.orders') {
  return broker.records(topic).map(({ key, value, timestamp, headers }) => ({
    key: key === null ? null : decoder.decode(key),
    value: value === null ? null : decoder.decode(value),
    timestamp,
    headers: Object.fromEntries(headers.map(([name, bytes]) => [name, decoder.decode(bytes)])),
  }));
}

it('tries a record again, counts the attempts, and goes on with its key only then', async () => {
  const broker = cluster();
  broker.produce(
    'orders',
    ['a', 'b', 'a'].map((key, i) => ({ key, value: String(i) })),
  );
  const calls: string[] = [];
  started(broker, ({ value, attempt }) => {
    calls.push(`${value}#${attempt}`);
    // Not tried again by whoever takes it for a mistake of the program.
    if (value === '0' && attempt < 3) throw new TypeError('not yet');
  });
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 3 });
  expect(calls.slice(0, 2)).toEqual(['0#1', '1#1']);
  expect(calls.filter((call) => !call.startsWith('1'))).toEqual(['0#1', '0#2', '0#3', '2#1']);
  expect(broker.topicNames()).toEqual(['orders']);
});

it('a key that is tried again holds up no other, with a single slot too', async () => {
  const broker = cluster();
  broker.produce('orders', [
    { key: 'bad', value: 'bad' },
    ...Array.from({ length: 100 }, (_, i) => ({ key: `k${i}`, value: 'x' })),
  ]);
  const done: string[] = [];
  started(
    broker,
    ({ value, key }) => {
      if (value === 'bad') throw new Error('down');
      done.push(String(key));
    },
    { concurrency: 1, attempts: 1_000, backoff: { min: '1h', max: '1h' } },
  );
  await expect.poll(() => done.length).toBe(100);
  // The record that waits is not done: a crash now must bring it again.
  expect(committed(broker)['orders-0'] ?? 0).toBe(0);
});

it('writes a dead letter after the last attempt, as it came and with the reason, and commits behind it', async () => {
  const broker = cluster();
  broker.produce('orders', [
    { key: 'a', value: 'bad', timestamp: 5_000, headers: [['trace', new TextEncoder().encode('t1')]] },
    { key: 'a', value: 'good' },
  ]);
  const calls: string[] = [];
  started(
    broker,
    ({ value, attempt }) => {
      calls.push(`${value}#${attempt}`);
      if (value === 'bad') throw new Error('the card was refused');
    },
    { attempts: 3 },
  );
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 2 });
  expect(calls).toEqual(['bad#1', 'bad#2', 'bad#3', 'good#1']);
  const [letter, ...others] = letters(broker);
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ key: 'a', value: 'bad', timestamp: 5_000 });
  const { 'millrace.time': time, ...headers } = letter?.headers ?? {};
  expect(headers).toEqual({
    trace: 't1',
    'millrace.error.code': 'USER_FUNCTION',
    'millrace.error.message': 'the card was refused',
    'millrace.operator': 'handler',
    'millrace.source': 'billing',
    'millrace.timestamp': '5000',
    'millrace.topic': 'orders',
    'millrace.partition': '0',
    'millrace.offset': '0',
    'millrace.attempts': '3',
  });
  expect(Number(time)).toBeGreaterThan(1e12);
});

it('what cannot be decoded becomes a dead letter at once, past a record of its key that waits', async () => {
  const broker = cluster();
  broker.produce('orders', [
    { key: 'a', value: '1' },
    { key: 'a', value: '{' },
  ]);
  const held = gate();
  started(broker, () => held.opened, { format: kafka.json<string>() });
  await expect.poll(() => letters(broker).length).toBe(1);
  expect(letters(broker)[0]).toMatchObject({
    value: '{',
    headers: { 'millrace.error.code': 'RECORD_MALFORMED', 'millrace.offset': '1', 'millrace.attempts': '0' },
  });
  expect(letters(broker)[0]?.headers).not.toHaveProperty('millrace.operator');
  held.open();
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 2 });
});

it('shortens a letter that is too large for its topic', async () => {
  const broker = cluster();
  const value = 'x'.repeat(200_000);
  broker.createTopic('letters', 1, (record) => ((record.value?.length ?? 0) > 100_000 ? 10 : 0));
  broker.produce('orders', [{ key: 'a', value }]);
  started(
    broker,
    () => {
      throw new Error('down');
    },
    { attempts: 1, deadLetters: { topic: 'letters' } },
  );
  await expect.poll(() => committed(broker), { timeout: 20_000 }).toEqual({ 'orders-0': 1 });
  const [letter] = letters(broker, 'letters');
  expect(letter?.value).toHaveLength(64 * 1024);
  expect(letter?.headers).toMatchObject({ 'millrace.value.truncated': '200000' });
});

it("onError: 'fail' ends the consumer with topic, partition and offset, and commits nothing from there on", async () => {
  const broker = cluster();
  broker.produce('orders', [
    { key: 'a', value: 'good' },
    { key: 'b', value: 'bad' },
  ]);
  const { ended } = started(
    broker,
    ({ value }) => {
      if (value === 'bad') throw new Error('down');
    },
    { onError: 'fail', attempts: 2 },
  );
  expect(await ended).toMatchObject({
    code: 'USER_FUNCTION',
    fields: { group: 'billing', topic: 'orders', partition: 0, offset: 1 },
    message:
      "Consumer of group 'billing': orders-0 offset 1 has failed 2 times: down. onError: 'dead-letter' goes on without such records.",
  });
  expect(committed(broker)).toEqual({ 'orders-0': 1 });
});

it("onError: 'skip' goes on without the record", async () => {
  const broker = cluster();
  broker.produce('orders', [
    { key: 'a', value: '1' },
    { key: 'a', value: '{' },
    { key: 'a', value: '3' },
  ]);
  const seen: unknown[] = [];
  started(broker, ({ value }) => void seen.push(value), { onError: 'skip', format: kafka.json<string>() });
  await expect.poll(() => committed(broker)).toEqual({ 'orders-0': 3 });
  expect(seen).toEqual([1, 3]);
  expect(broker.topicNames()).toEqual(['orders']);
});

it('writes no letters any more when it is closed', async () => {
  const broker = cluster();
  broker.produce('orders', [{ key: 'a', value: 'bad' }]);
  let opened = 0;
  const driver: typeof broker.driver = {
    ...broker.driver,
    producer() {
      opened++;
      return Promise.reject(new Error('no broker answers'));
    },
  };
  const { consumer, ended } = started(
    broker,
    () => {
      throw new Error('down');
    },
    { attempts: 1, driver },
  );
  await expect.poll(() => opened).toBeGreaterThan(1);
  const before = opened;
  await consumer.close();
  expect(await ended).toBeUndefined();
  // One may have been on its way; tried again it would be some six times more until closing is given up.
  expect(opened - before).toBeLessThanOrEqual(1);
});

it('opens no client for the letter of a handler that fails after the end', async () => {
  const broker = cluster();
  broker.produce('orders', [{ key: 'a', value: 'bad' }]);
  let opened = 0;
  const driver: typeof broker.driver = {
    ...broker.driver,
    admin(settings) {
      opened++;
      return broker.driver.admin(settings);
    },
  };
  const late = gate();
  let calls = 0;
  const { consumer, ended } = started(
    broker,
    async () => {
      calls++;
      await late.opened;
      throw new Error('down');
    },
    { guarantee: 'at-most-once', drainTimeout: '20ms', driver },
  );
  await expect.poll(() => calls).toBe(1);
  await consumer.stop();
  expect(await ended).toBeUndefined();
  const before = opened;
  late.open();
  await new Promise((resolve) => setImmediate(resolve));
  expect(opened).toBe(before);
  expect(broker.topicNames()).toEqual(['orders']);
});
