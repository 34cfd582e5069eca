import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger, string, struct } from 'millrace';
import { expect, it, onTestFinished } from 'vitest';
import { kafka, type Format, type ProducerOptions } from '../../src/index.ts';
import { modelBroker } from '../../src/testing.ts';

const bootstrap = 'model:9092';
const decoder = new TextDecoder();
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : decoder.decode(bytes));

function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-producer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A cluster with a topic, and producers on it that are closed behind the test. */
function lab(partitions: number = 1) {
  const cluster = modelBroker();
  cluster.createTopic('events', partitions);
  const open = async (options: Partial<ProducerOptions> = {}) => {
    const producer = await kafka.producer({ bootstrap, driver: cluster.driver, logger: silentLogger, ...options });
    onTestFinished(async () => void (await producer.close({ within: 0 })));
    return producer;
  };
  const values = (topic: string = 'events') => cluster.records(topic).map(({ value }) => text(value));
  return { cluster, open, values };
}

it('each send resolves with partition and offset', async () => {
  const { open, cluster } = lab(3);
  const producer = await open();
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  const places = await Promise.all(keys.map((key) => producer.send({ topic: 'events', key, value: { key } })));
  keys.forEach((key, i) => {
    const record = cluster
      .records('events')
      .find(({ partition, offset }) => partition === places[i]?.partition && offset === places[i]?.offset);
    expect([text(record?.key ?? null), text(record?.value ?? null)]).toEqual([key, JSON.stringify({ key })]);
    expect(record?.partition).toBe(kafka.partitionOf(new TextEncoder().encode(key), 3));
  });
  expect(producer.pending).toBe(0);
});

it('writes key, headers, timestamp and partition as given, and null as a tombstone', async () => {
  const { open, cluster } = lab(2);
  const producer = await open();
  await producer.send({
    topic: 'events',
    key: new Uint8Array([1, 2]),
    value: null,
    headers: { trace: 'abc', raw: new Uint8Array([7]) },
    timestamp: 1_234,
    partition: 1,
  });
  expect(cluster.records('events')).toMatchObject([
    { partition: 1, offset: 0, timestamp: 1_234, value: null, key: new Uint8Array([1, 2]) },
  ]);
  expect(cluster.records('events')[0]?.headers.map(([name, bytes]) => [name, [...bytes]])).toEqual([
    ['trace', [97, 98, 99]],
    ['raw', [7]],
  ]);
});

it('values are written by the format of their topic', async () => {
  const { open, cluster, values } = lab();
  cluster.createTopic('orders');
  const producer = await open({
    topics: { events: { format: kafka.string() }, orders: { schema: struct({ id: string() }) } },
  });
  await producer.send({ topic: 'events', value: 'as it is' });
  await producer.send({ topic: 'orders', value: { id: 'o1' } });
  expect([values(), values('orders')]).toEqual([['as it is'], ['{"id":"o1"}']]);
  await expect(producer.send({ topic: 'events', value: 5 })).rejects.toMatchObject({ code: 'RECORD_MALFORMED' });
});

it('what can never be written is refused at once, with the reason', async () => {
  const { open } = lab();
  const producer = await open({ topics: { events: { maxRecordBytes: 20 } } });
  const send = (more: object) => producer.send({ topic: 'events', value: 'x', ...more });
  await expect(send({ value: 'x'.repeat(30) })).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  await expect(send({ topic: 'no such topic' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await expect(send({ partition: 7 })).rejects.toThrow(/no partition 7: there are 1, from 0 on/);
  // Types are gone at run time.
  await expect(send({ key: 5 })).rejects.toThrow(/key is number 5, but must be text or bytes/);
  await expect(send({ headers: { a: 1 } })).rejects.toThrow(/header 'a' is number 1/);
  await expect(send({ timestamp: 0 })).rejects.toThrow(/timestamp is number 0, but must be epoch milliseconds/);
  await expect(send({ timestamp: -1 })).rejects.toThrow(/timestamp is number -1, but must be epoch milliseconds/);
});

it.each([
  [{ queue: { directory: '', maxBytes: 100_000 } }, /queue.directory .* is ""/],
  [{ queue: { directory: 'x', maxBytes: 10 } }, /queue.maxBytes .* is 10, but must be a number of bytes from 65536 on/],
  [{ queue: { directory: 'x', maxBytes: 100_000 }, transactionalId: 'a' }, /two producers/],
  [{ deliveryTimeout: 0 }, /deliveryTimeout/],
  [{ retries: 5 }, /retries/],
  [{ topics: { a: { shema: 1 } } }, /shema/],
  [{ client: { acks: '1' } }, /always all/],
])('options that cannot be meant are refused: %j', async (options, expected) => {
  // Wrong on purpose.
  const wrong = { bootstrap, ...options } as unknown as ProducerOptions;
  await expect(kafka.producer(wrong)).rejects.toThrow(expected);
});

it('asks the client for what the guarantees need', async () => {
  const { cluster, open } = lab();
  const seen: Readonly<Record<string, unknown>>[] = [];
  const driver = {
    ...cluster.driver,
    producer: (...args: Parameters<typeof cluster.driver.producer>) => {
      seen.push(args[0]);
      return cluster.driver.producer(...args);
    },
  };
  await open({ driver });
  await open({ driver, queue: { directory: newFolder(), maxBytes: 1e6 }, client: { 'linger.ms': 20 } });
  await expect.poll(() => seen.length).toBe(2);
  expect(seen[0]).toMatchObject({
    acks: 'all',
    'enable.idempotence': true,
    'compression.type': 'lz4',
    'linger.ms': 5,
    'batch.size': 32_768,
    'max.in.flight.requests.per.connection': 5,
    'message.timeout.ms': 120_000,
  });
  // With a queue nothing is given up.
  expect(seen[1]).toMatchObject({ 'linger.ms': 20, 'message.timeout.ms': 0 });
  expect(seen.every((settings) => !('retries' in settings))).toBe(true);
});

it('a topic that does not exist: without a queue the event is given up after deliveryTimeout', async () => {
  const { open } = lab();
  const producer = await open({ deliveryTimeout: 300 });
  await expect(producer.send({ topic: 'missing', value: 1 })).rejects.toMatchObject({
    code: 'IO_NOT_FOUND',
    message: expect.stringContaining("Topic 'missing' does not exist"),
  });
  expect(producer.pending).toBe(0);
});

it('a topic that does not exist: with a queue its events wait until it is made, and hold up no other', async () => {
  const { open, cluster, values } = lab();
  const producer = await open({ queue: { directory: newFolder(), maxBytes: 1e6 } });
  for (let i = 0; i < 5; i++) await producer.enqueue({ topic: 'later', value: i });
  await producer.send({ topic: 'events', value: 'not held up' });
  expect(producer.pending).toBe(5);
  cluster.createTopic('later');
  await producer.send({ topic: 'later', value: 5 });
  expect(values('later')).toEqual(['0', '1', '2', '3', '4', '5']);
});

it('events that are not delivered go to disk, and the next producer delivers them in their order', async () => {
  const { open, cluster, values } = lab();
  const queue = { directory: newFolder(), maxBytes: 1e6 };
  const first = await open({ queue });
  cluster.restart(60_000);
  for (let i = 0; i < 20; i++) await first.enqueue({ topic: 'events', key: `k${i % 3}`, value: i });
  const send = first.send({ topic: 'events', key: 'k0', value: 20 });
  const told = expect(send).rejects.toMatchObject({ code: 'JOB_STATE', fields: { kept: true } });
  expect(await first.close({ within: 50 })).toBe(21);
  await told;
  cluster.restart(0);
  const second = await open({ queue });
  expect(second.pending).toBe(21);
  await second.send({ topic: 'events', key: 'k1', value: 21 });
  // What the first one has sent before it was closed may be written as well.
  const seen = values().map(Number);
  expect([...new Set(seen)]).toEqual(Array.from({ length: 22 }, (_, i) => i));
  expect(await second.close()).toBe(0);
  expect(readdirSync(path.join(queue.directory, 'topics/events'))).toEqual([]);
});

it('after an outage the disk is left again, though events keep coming', async () => {
  const { open, cluster, values } = lab(2);
  const queue = { directory: newFolder(), maxBytes: 1e7 };
  const producer = await open({ queue });
  const files = () =>
    readdirSync(path.join(queue.directory, 'topics')).flatMap((topic) =>
      readdirSync(path.join(queue.directory, 'topics', topic)),
    );
  cluster.restart(60_000);
  const sends: Promise<unknown>[] = [];
  let stop = false;
  const coming = (async () => {
    for (let i = 0; !stop; i++) {
      sends.push(producer.send({ topic: 'events', key: `k${i % 7}`, value: i }));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  try {
    await expect.poll(files).not.toEqual([]);
    cluster.restart(0);
    await expect.poll(files, { timeout: 20_000 }).toEqual([]);
  } finally {
    stop = true;
    await coming;
  }
  await Promise.all(sends);
  expect(new Set(values()).size).toBe(sends.length);
});

it('a full queue: enqueue waits, ready waits, nothing is lost', async () => {
  const { open, cluster, values } = lab();
  const producer = await open({ queue: { directory: newFolder(), maxBytes: 65_536 } });
  cluster.restart(60_000);
  const value = 'x'.repeat(1_000);
  let accepted = 0;
  const all = Array.from({ length: 100 }, (_, i) =>
    producer.enqueue({ topic: 'events', key: String(i), value }).then(() => accepted++),
  );
  let ready = false;
  const roomy = producer.ready().then(() => (ready = true));
  await expect.poll(() => accepted, { timeout: 10_000 }).toBeGreaterThan(50);
  expect([accepted < 64, ready, producer.pending]).toEqual([true, false, 100]);
  cluster.restart(0);
  await Promise.all([...all, roomy]);
  await expect.poll(() => producer.pending).toBe(0);
  expect(new Set(cluster.records('events').map(({ key }) => text(key))).size).toBe(100);
  expect(values().length).toBe(100);
});

it('a record that its topic refuses is found and rejected; all others of its batch are delivered in their order', async () => {
  const cluster = modelBroker();
  cluster.createTopic('picky', 1, ({ value }) => (text(value) === '"bad"' ? 87 : 0));
  for (const queue of [undefined, { directory: newFolder(), maxBytes: 1e6 }]) {
    const producer = await kafka.producer({
      bootstrap,
      driver: cluster.driver,
      logger: silentLogger,
      ...(queue === undefined ? {} : { queue }),
    });
    const from = cluster.records('picky').length;
    const values = Array.from({ length: 30 }, (_, i) => (i === 13 ? 'bad' : i));
    const sent = await Promise.allSettled(values.map((value) => producer.send({ topic: 'picky', key: 'k', value })));
    expect(sent.map(({ status }) => status === 'rejected')).toEqual(values.map((value) => value === 'bad'));
    expect(sent[13]).toMatchObject({ reason: { code: 'RECORD_REFUSED', fields: { topic: 'picky', kafka: 87 } } });
    const written = cluster.records('picky').slice(from);
    expect(written.map(({ value }) => Number(text(value)))).toEqual(values.filter((value) => value !== 'bad'));
    await producer.close();
  }
});

it('an accepted event that nobody waits for and that is refused is kept in a file', async () => {
  const cluster = modelBroker();
  const directory = newFolder();
  const open = () =>
    kafka.producer({
      ...{ bootstrap, driver: cluster.driver, logger: silentLogger },
      queue: { directory, maxBytes: 1e6 },
    });
  const first = await open();
  await first.enqueue({ topic: 'picky', key: 'k', value: 'bad', headers: { a: 'b' } });
  await first.enqueue({ topic: 'picky', key: 'k', value: 'good' });
  await first.close({ within: 0 });
  cluster.createTopic('picky', 1, ({ value }) => (text(value) === '"bad"' ? 87 : 0));
  const second = await open();
  expect(await second.close()).toBe(0);
  expect(cluster.records('picky').map(({ value }) => text(value))).toEqual(['"good"']);
  const [name = '', ...others] = readdirSync(path.join(directory, 'refused'));
  expect(others).toEqual([]);
  const kept = JSON.parse(readFileSync(path.join(directory, 'refused', name), 'utf8')) as Record<string, string>;
  expect(kept).toMatchObject({ topic: 'picky', error: expect.stringContaining('failed to validate record') });
  expect(Buffer.from(kept['value'] ?? '', 'base64').toString()).toBe('"bad"');
});

it('after close nothing is taken, and closing again changes nothing', async () => {
  const { open } = lab();
  const producer = await open();
  await producer.close();
  expect(await producer.close()).toBe(0);
  await expect(producer.send({ topic: 'events', value: 1 })).rejects.toMatchObject({
    code: 'JOB_STATE',
    fields: { kept: false },
  });
});

it('two producers in one directory: the second is refused', async () => {
  const { open } = lab();
  const queue = { directory: newFolder(), maxBytes: 1e6 };
  const first = await open({ queue });
  await expect(open({ queue })).rejects.toMatchObject({ code: 'CHECKPOINT_OWNED' });
  await first.close();
  await open({ queue });
});

it('topics whose names differ in capital letters only have queues of their own', async () => {
  const { open, cluster, values } = lab();
  const queue = { directory: newFolder(), maxBytes: 1e6 };
  const first = await open({ queue });
  await Promise.all(['Later', 'later'].map((topic) => first.enqueue({ topic, value: topic })));
  await first.close({ within: 0 });
  for (const topic of ['Later', 'later']) cluster.createTopic(topic);
  await (await open({ queue })).close();
  expect([values('Later'), values('later')]).toEqual([['"Later"'], ['"later"']]);
});

it('a format that must agree with somebody else does so before anything is accepted, and writes by what it was given', async () => {
  const { open, values } = lab();
  const asked: string[] = [];
  const agreeing = (answer: () => Promise<(value: unknown) => Uint8Array>): Format<unknown> => ({
    name: 'agreed',
    decode: (bytes) => bytes,
    encode: () => {
      throw new Error('not agreed upon');
    },
    writer(topic) {
      asked.push(topic);
      return answer();
    },
  });
  const format = agreeing(() => Promise.resolve((value) => new TextEncoder().encode(`agreed:${String(value)}`)));
  const producer = await open({ topics: { events: { format } } });
  expect(asked).toEqual(['events']);
  await producer.send({ topic: 'events', value: 'a' });
  expect(values()).toEqual(['agreed:a']);
  const refused = agreeing(() => Promise.reject(new Error('incompatible')));
  await expect(open({ topics: { events: { format: refused } } })).rejects.toThrow('incompatible');
});
