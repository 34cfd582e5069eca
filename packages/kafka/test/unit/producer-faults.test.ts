/** Disks that are full, forbidden or slow, clients that cannot be closed, topics that take nothing: what a queue is for. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { silentLogger, systemClock, systemScheduler } from 'millrace';
import { nodeMachine } from 'millrace/node';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { SegmentLog } from '../../src/producer/queue/segment-log.ts';
import { entryOf, deferred, type Entry } from '../../src/producer/entry.ts';
import { Spill } from '../../src/producer/spill.ts';
import { faultyFiles, newFolder, producerLab } from '../setup/producer-lab.ts';

const MAX_BYTES = 1e6;
const distinct = (values: readonly string[]): readonly number[] => [...new Set(values.map(Number))];
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

it('a disk that is full keeps nothing back that is on it or in memory: brokers that are back get all, in order', async () => {
  const { cluster, open, values } = producerLab();
  cluster.createTopic('events');
  let full = false;
  const files = faultyFiles((operation, file) =>
    full && operation === 'append' && file.includes('/topics/') ? 'ENOSPC' : undefined,
  );
  const producer = await open({ queue: { directory: newFolder(), maxBytes: MAX_BYTES } }, { files });
  cluster.restart(60_000);
  const event = (value: number) => ({ topic: 'events', key: 'k', value });
  for (const i of upTo(20)) await producer.enqueue(event(i));
  full = true;
  const waiting = Promise.all(upTo(20).map((i) => producer.enqueue(event(20 + i))));
  cluster.restart(0);
  await waiting;
  await producer.send(event(40));
  expect(distinct(values('events'))).toEqual(upTo(41));
});

it('what is on a full disk and was not read yet is read and sent, though more waits for room', async () => {
  const { cluster, open, values } = producerLab();
  cluster.createTopic('events');
  const directory = newFolder();
  let full = false;
  const files = faultyFiles((operation) => (full && operation === 'append' ? 'ENOSPC' : undefined));
  const queue = { directory, maxBytes: 20e6 };
  const first = await open({ queue });
  cluster.restart(60_000);
  // More than what is in memory at a time.
  const filler = 'x'.repeat(100_000);
  const event = (number: number) => ({ topic: 'events', key: 'k', value: { number, filler } });
  // Frames of their own once the disk is in use.
  for (const i of upTo(100)) await first.enqueue(event(i));
  await first.close({ within: 0 });
  const second = await open({ queue }, { files });
  full = true;
  const waiting = Promise.all(upTo(5).map((i) => second.enqueue(event(100 + i))));
  cluster.restart(0);
  await waiting;
  const numbers = values('events').map((value) => String((JSON.parse(value) as { readonly number: number }).number));
  expect(distinct(numbers)).toEqual(upTo(105));
});

it('a disk that cannot be written holds nothing up while the brokers answer', async () => {
  const { cluster, open } = producerLab();
  cluster.createTopic('events');
  const files = faultyFiles((operation, file) =>
    operation === 'create' && file.endsWith('.log') ? 'EACCES' : undefined,
  );
  const producer = await open({ queue: { directory: newFolder(), maxBytes: MAX_BYTES } }, { files });
  // Longer than an event may wait for its delivery before it goes to disk.
  cluster.restart(600);
  await producer.enqueue({ topic: 'events', key: 'k', value: 1 });
  await producer.enqueue({ topic: 'events', key: 'k', value: 2 });
  expect(await producer.close()).toBe(0);
});

it('close keeps in the queue what was about to leave the disk', async () => {
  const folder = newFolder();
  const open = () => SegmentLog.open({ files: nodeMachine.files, folder, segmentBytes: 1e6, logger: silentLogger });
  const window = new Map<number, Entry>();
  const lane = {
    topic: 'events',
    entries: [].values(),
    memoryBytes: 0,
    windowBytes: 0,
    volatileBytes: 0,
    pending: 0,
    has: (seq: number) => window.has(seq),
    admit: (entry: Entry) => void window.set(entry.seq, entry),
    becameDurable: () => undefined,
  };
  const host = {
    clock: { now: () => 0, monotonic: () => 0 },
    scheduler: systemScheduler,
    logger: silentLogger,
    deliveryTimeoutMs: 1_000,
    openLog: open,
    keepRefused: () => Promise.resolve(),
    partitionsOf: () => Promise.resolve(1),
    send: () => false,
    replaceClient: () => undefined,
    pumpSoon: () => undefined,
    freed: () => undefined,
  };
  const spill = new Spill(lane, host, open, undefined);
  spill.activate();
  const accepted = deferred<void>();
  const record = {
    topic: 'events',
    partition: undefined,
    key: null,
    value: new Uint8Array([1]),
    timestamp: 1,
    headers: [],
  };
  spill.take(entryOf(1, record, 0, { accepted, delivered: undefined }));
  await spill.close();
  spill.abandon();
  await accepted.promise;
  expect((await open()).remaining).toBe(1);
});

it('a client that cannot be closed does not keep events from the disk, nor the folder from the next producer', async () => {
  const { cluster, open, values } = producerLab();
  cluster.createTopic('events');
  const driver = {
    ...cluster.driver,
    async producer(...given: Parameters<typeof cluster.driver.producer>) {
      const client = await cluster.driver.producer(...given);
      return Object.assign(Object.create(client) as typeof client, {
        close: async () => {
          await client.close();
          throw new Error('it cannot be closed');
        },
      });
    },
  };
  const queue = { directory: newFolder(), maxBytes: MAX_BYTES };
  const first = await open({ queue, driver });
  await first.send({ topic: 'events', key: 'k', value: 0 });
  cluster.restart(60_000);
  const kept = first.send({ topic: 'events', key: 'k', value: 1 });
  const told = expect(kept).rejects.toMatchObject({ code: 'JOB_STATE', fields: { kept: true } });
  expect(await first.close({ within: 0 })).toBe(1);
  await told;
  cluster.restart(0);
  expect(await (await open({ queue })).close()).toBe(0);
  expect(distinct(values('events'))).toEqual([0, 1]);
});

it('a right that is missing for a while: accepted events wait for it, and hold up no other topic', async () => {
  const { cluster, open, values } = producerLab();
  let denied = true;
  cluster.createTopic('guarded', 1, () => (denied ? 29 : 0));
  cluster.createTopic('events');
  const directory = newFolder();
  const queue = { directory, maxBytes: MAX_BYTES };
  const first = await open({ queue });
  cluster.restart(60_000);
  for (const i of upTo(5)) await first.enqueue({ topic: 'guarded', key: 'k', value: i });
  await first.close({ within: 0 });
  cluster.restart(0);
  let clients = 0;
  const driver = {
    ...cluster.driver,
    producer: (...given: Parameters<typeof cluster.driver.producer>) => {
      clients++;
      return cluster.driver.producer(...given);
    },
  };
  const second = await open({ queue, driver });
  for (const i of upTo(20)) await second.send({ topic: 'events', key: 'k', value: i });
  expect(readdirSync(path.join(directory, 'refused'))).toEqual([]);
  expect(second.pending).toBe(5);
  expect(clients).toBeLessThan(5);
  denied = false;
  expect(await second.close({ within: '30s' })).toBe(0);
  expect(values('guarded').map(Number)).toEqual(upTo(5));
  expect(readdirSync(path.join(directory, 'refused'))).toEqual([]);
});

it('an answer that does not change costs a client now and then, not one after the other', async () => {
  const { cluster, open } = producerLab();
  let clients = 0;
  const driver = {
    ...cluster.driver,
    producer: (...given: Parameters<typeof cluster.driver.producer>) => {
      clients++;
      return cluster.driver.producer(...given);
    },
  };
  cluster.createTopic('odd', 1, () => 42);
  const producer = await open({ driver, deliveryTimeout: 2_000 });
  await expect(producer.send({ topic: 'odd', value: 1 })).rejects.toMatchObject({ code: 'IO_FAILED' });
  expect(clients).toBeLessThan(7);
});

it('refused events of two processes do not take the place of each other, whatever their names and times are', async () => {
  const { cluster, open } = producerLab();
  const topic = 'p'.repeat(240);
  cluster.createTopic(topic, 1, () => 87);
  const directory = newFolder();
  const queue = { directory, maxBytes: MAX_BYTES };
  for (const value of ['a', 'b']) {
    const first = await open({ queue });
    cluster.restart(60_000);
    await first.enqueue({ topic, value, timestamp: 1_000 });
    await first.close({ within: 0 });
    cluster.restart(0);
    expect(await (await open({ queue })).close()).toBe(0);
  }
  const kept = readdirSync(path.join(directory, 'refused')).map(
    (name) => JSON.parse(readFileSync(path.join(directory, 'refused', name), 'utf8')) as { readonly value: string },
  );
  expect(kept.map(({ value }) => Buffer.from(value, 'base64').toString()).sort()).toEqual(['"a"', '"b"']);
});

it('with a queue that cannot keep what was refused, the event stays, and a closed producer does nothing more', async () => {
  const { cluster, open } = producerLab();
  cluster.createTopic('picky', 1, () => 87);
  let tries = 0;
  const files = faultyFiles((operation, file) => {
    if (operation !== 'create' || !file.includes('/refused/')) return undefined;
    tries++;
    return 'EACCES';
  });
  const queue = { directory: newFolder(), maxBytes: MAX_BYTES };
  const first = await open({ queue });
  cluster.restart(60_000);
  await first.enqueue({ topic: 'picky', value: 1 });
  await first.close({ within: 0 });
  cluster.restart(0);
  const second = await open({ queue }, { files });
  await expect.poll(() => tries, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(await second.close({ within: 0 })).toBe(1);
  const before = tries;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(tries).toBe(before);
  expect(await (await open({ queue })).close()).toBe(0);
});

it('without a queue an event for which there was no room in memory is given up after deliveryTimeout, too', async () => {
  const { cluster, open } = producerLab();
  cluster.createTopic('events');
  let aheadMs = 0;
  const clock = { now: () => systemClock.now(), monotonic: () => systemClock.monotonic() + aheadMs };
  const topics = { events: { maxRecordBytes: 40e6, format: kafka.bytes() } };
  const producer = await open({ deliveryTimeout: '1h', topics }, {}, clock);
  cluster.restart(60_000);
  const outcomes = Promise.allSettled(
    upTo(6).map(() => producer.send({ topic: 'events', value: new Uint8Array(30e6) })),
  );
  // Two are in memory, four wait for room: the time of all is over at once.
  aheadMs = 3_600_001;
  for (const one of await outcomes)
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'IO_FAILED', retryable: true } });
  expect(producer.pending).toBe(0);
});

it('memory counts what an event costs beside its bytes', async () => {
  const { cluster, open } = producerLab();
  cluster.createTopic('events');
  const producer = await open({ queue: { directory: newFolder(), maxBytes: 1e9 } });
  cluster.restart(600_000);
  let full = false;
  let count = 0;
  for (; !full && count < 300_000; count += 1_000) {
    for (const _ of upTo(1_000)) producer.send({ topic: 'later', value: 1 }).catch(() => undefined);
    full = await Promise.race([
      producer.ready().then(() => false),
      Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => true),
    ]);
  }
  // A promise, an entry, a record of 1 byte: some 600 bytes.
  expect(count).toBeLessThan(150_000);
});
