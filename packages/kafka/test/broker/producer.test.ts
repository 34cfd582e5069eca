/** The producer on real brokers, its topics read by Kafka's own Java client. */
import { silentLogger } from 'millrace';
import { expect, it, onTestFinished } from 'vitest';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';
import { kafka, type ProducerOptions, type ProducerRecord } from '../../src/index.ts';
import {
  bootstrap,
  newFolder,
  newTopic,
  readWithJava,
  uniqueName,
  withBroker,
  withOwnBroker,
} from '../setup/fixture.ts';

async function open(options: Partial<ProducerOptions> = {}) {
  const producer = await kafka.producer({ bootstrap, logger: silentLogger, ...options });
  onTestFinished(async () => void (await producer.close({ within: 0 })));
  return producer;
}

const valuesOf = (topic: string, isolation?: 'read_uncommitted', at?: string) =>
  readWithJava(topic, isolation, at).map(({ value }) => value);

const numbers = (count: number, from: number = 0) => Array.from({ length: count }, (_, i) => String(from + i));

withBroker('a producer', () => {
  it('tells partition and offset of each event, which is there as it was sent', async () => {
    const topic = await newTopic('sent', 3);
    const producer = await open({ topics: { [topic]: { format: kafka.string() } } });
    const events: ProducerRecord[] = Array.from({ length: 500 }, (_, i) => ({
      ...{ topic, key: `k${i % 20}`, value: `v${i}`, timestamp: 1_700_000_000_000 + i },
      headers: { n: String(i) },
    }));
    const places = await Promise.all(events.map((event) => producer.send(event)));
    const read = readWithJava(topic);
    for (const [i, { partition, offset }] of places.entries()) {
      const there = read.filter((record) => record.partition === partition)[offset];
      expect(there).toEqual({ ...events[i], topic: undefined, partition, headers: `n:${i}` });
    }
    await producer.send({ topic, key: 'k', value: null });
    expect(valuesOf(topic)).toContain('null');
  });

  it('a topic that is made later', async () => {
    const topic = uniqueName('later');
    const producer = await open({ queue: { directory: newFolder(), maxBytes: 1e6 } });
    await producer.enqueue({ topic, key: 'k', value: 1 });
    await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 1 }]);
    await producer.send({ topic, key: 'k', value: 2 });
    expect(valuesOf(topic)).toEqual(['1', '2']);
  });

  it.each(['with a queue', 'without'])('an event that its topic refuses is rejected, and no other: %s', async (how) => {
    const topic = await newTopic('small', 1, { 'max.message.bytes': '2000' });
    const queue = { directory: newFolder(), maxBytes: 1e6 };
    const producer = await open(how === 'without' ? {} : { queue });
    // Three in one batch are fine, the fourth is not.
    const values = ['a', 'b', incompressible(5_000), 'c', 'd'];
    const sent = await Promise.allSettled(values.map((value) => producer.send({ topic, key: 'k', value })));
    expect(sent.map(({ status }) => status)).toEqual(
      values.map((value) => (value.length > 1 ? 'rejected' : 'fulfilled')),
    );
    expect(sent[2]).toMatchObject({ reason: { code: 'RECORD_REFUSED', fields: { kafka: 10 } } });
    expect(valuesOf(topic)).toEqual(['"a"', '"b"', '"c"', '"d"']);
    await producer.send({ topic, key: 'k', value: 'after' });
    expect(valuesOf(topic).at(-1)).toBe('"after"');
  });

  it('a transaction is committed as a whole, or not at all', async () => {
    const topic = await newTopic('transactions', 2);
    const producer = await open({ transactionalId: uniqueName('tx') });
    const places = await producer.transaction((tx) =>
      Promise.all(numbers(10).map((value) => tx.send({ topic, key: value, value: Number(value) }))),
    );
    expect(places.length).toBe(10);
    const failing = producer.transaction(async (tx) => {
      await tx.send({ topic, key: 'x', value: 'never' });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    // Not awaited: the transaction waits for it.
    await producer.transaction((tx) => void tx.send({ topic, key: 'k', value: 'last' }));
    expect(valuesOf(topic).sort()).toEqual(['"last"', ...numbers(10)]);
    expect(valuesOf(topic, 'read_uncommitted')).toContain('"never"');
    await expect(producer.send({ topic, value: 1 })).rejects.toMatchObject({ code: 'OPTION_UNSUPPORTED' });
  });

  it('a transaction with an event that is refused is aborted, and the next one is committed', async () => {
    const topic = await newTopic('small-tx', 1, { 'max.message.bytes': '2000' });
    const producer = await open({ transactionalId: uniqueName('tx') });
    const failing = producer.transaction(async (tx) => {
      await tx.send({ topic, value: 'never' });
      await tx.send({ topic, value: incompressible(5_000) });
    });
    await expect(failing).rejects.toMatchObject({ code: 'IO_FAILED', fields: { outcome: 'aborted', kafka: 10 } });
    await producer.transaction((tx) => tx.send({ topic, value: 'good' }));
    expect(valuesOf(topic)).toEqual(['"good"']);
  });

  it('a producer whose name another one has taken commits nothing', async () => {
    const topic = await newTopic('fenced');
    const transactionalId = uniqueName('tx');
    const first = await open({ transactionalId });
    await expect(
      first.transaction(async (tx) => {
        await tx.send({ topic, value: 'first' });
        const second = await open({ transactionalId });
        await second.transaction((other) => other.send({ topic, value: 'second' }));
      }),
    ).rejects.toMatchObject({ code: 'IO_FAILED', fields: { kafka: -144 } });
    expect(valuesOf(topic)).toEqual(['"second"']);
  });
});

withOwnBroker('a producer and a broker that is down', () => {
  it('what is accepted meanwhile is delivered when it is back, in the order of its keys, also by the next process', async () => {
    const broker = await startBroker();
    onTestFinished(() => broker.stop());
    const topic = await newTopic('outage', 2, {}, broker.bootstrap);
    const queue = { directory: newFolder(), maxBytes: 4e6 };
    const options = { bootstrap: broker.bootstrap, queue };
    const first = await open(options);
    const event = (i: number) => ({ topic, key: `k${i % 5}`, value: i });
    for (let i = 0; i < 100; i++) await first.send(event(i));
    await broker.kill();
    for (let i = 100; i < 200; i += 10) await Promise.all(numbers(10, i).map((n) => first.enqueue(event(Number(n)))));
    expect(first.pending).toBe(100);
    expect(await first.close({ within: 0 })).toBe(100);

    // The next one begins while the broker is still down.
    const second = await open(options);
    expect(second.pending).toBe(100);
    for (let i = 200; i < 300; i += 10) await Promise.all(numbers(10, i).map((n) => second.enqueue(event(Number(n)))));
    await broker.restart();
    const { partition } = await second.send(event(300));
    expect(partition).toBe(kafka.partitionOf(new TextEncoder().encode('k0'), 2));
    expect(await second.close({ within: '1m' })).toBe(0);
    const read = readWithJava(topic, 'read_committed', broker.bootstrap);
    for (const key of ['k0', 'k1', 'k2', 'k3', 'k4']) {
      const seen = new Set(read.filter((record) => record.key === key).map(({ value }) => Number(value)));
      const sent = Array.from({ length: 301 }, (_, i) => i).filter((i) => `k${i % 5}` === key);
      expect([...seen]).toEqual(sent);
    }
  });

  it('without a queue an event is given up after deliveryTimeout', async () => {
    const broker = await startBroker();
    onTestFinished(() => broker.stop());
    const topic = await newTopic('given-up', 1, {}, broker.bootstrap);
    const producer = await open({ bootstrap: broker.bootstrap, deliveryTimeout: '2s' });
    await producer.send({ topic, value: 1 });
    await broker.kill();
    await expect(producer.send({ topic, value: 2 })).rejects.toMatchObject({
      code: 'IO_FAILED',
      retryable: true,
      message: expect.stringContaining('was not delivered within 2 s (deliveryTimeout)'),
    });
    await broker.restart();
    await expect
      .poll(
        () =>
          producer.send({ topic, value: 3 }).then(
            () => true,
            () => false,
          ),
        { timeout: 60_000 },
      )
      .toBe(true);
  });
});

/** Text that lz4 cannot make smaller. */
function incompressible(length: number): string {
  let state = 7;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(36);
  }
  return text.slice(0, length);
}
