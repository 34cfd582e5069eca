import { boundedOutOfOrderness, count, dataflow, memorySink, silentLogger, tumbling, type JobHandle } from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import {
  confluentDriver,
  kafka,
  type OutgoingRecord,
  type MemberDriver,
  type ProducerDriver,
  type TopicOptions,
} from '../../src/index.ts';
import { bootstrap, bytes, newFolder, newTopic, produce, readTexts, uniqueName, withBroker } from '../setup/fixture.ts';
import { observedDriver } from '../setup/observed-driver.ts';
import { addPartitions, dropRecords } from '../setup/raw-admin.ts';

const WAIT = { timeout: 120_000, interval: 50 };

interface Order {
  readonly i: number;
  readonly at: number;
}

/** Orders of one partition, 10 ms of event time apart. */
const orders = (from: number, to: number, partition: number = 0) =>
  Array.from({ length: to - from }, (_, k) => ({
    partition,
    text: JSON.stringify({ i: from + k, at: (from + k) * 10 }),
  }));

const texts = (partition: number, ...values: readonly string[]) => values.map((text) => ({ partition, text }));

function copyJob(name: string, topic: string | RegExp, output: string, options: TopicOptions<string> = {}) {
  const flow = dataflow(name);
  flow
    .from('texts', kafka.topic(topic, { format: kafka.string(), discoveryInterval: '100ms', ...options }))
    .to('copies', kafka.sink(output, { format: kafka.string() }));
  return (folder: string): Promise<JobHandle> =>
    flow.run(kafka.solo({ bootstrap, checkpoints: directory(folder), logger: silentLogger }));
}

const partitionOf = (handle: JobHandle, id: string) =>
  handle.metrics().sources[0]?.partitions.find((partition) => partition.id === id);

withBroker('the source of a live topic', () => {
  it('reads partitions that are added from their beginning, while it runs and while it does not', async () => {
    const [input, output] = [await newTopic('in'), await newTopic('out')];
    await produce(input, texts(0, 'before'));
    const [start, folder] = [copyJob(uniqueName('job'), input, output, { start: 'latest' }), newFolder()];
    const first = await start(folder);
    await produce(input, texts(0, 'a'));
    await expect.poll(() => readTexts(output), WAIT).toEqual(['a']);
    await addPartitions(input, 2);
    await produce(input, texts(1, 'b'));
    await expect.poll(() => readTexts(output), WAIT).toEqual(['a', 'b']);
    await first.stop();
    await addPartitions(input, 3);
    await produce(input, [...texts(2, 'c'), ...texts(1, 'd')]);
    const second = await start(folder);
    await expect.poll(async () => (await readTexts(output)).sort(), WAIT).toEqual(['a', 'b', 'c', 'd']);
    await second.stop();
  });

  it('reads topics that are made later, if they match its pattern', async () => {
    const [name, output] = [uniqueName('pattern'), await newTopic('out')];
    const topic = (what: string) => kafka.ensureTopics({ bootstrap }, [{ name: `${name}.${what}`, partitions: 1 }]);
    await topic('a');
    await topic('x');
    await produce(`${name}.a`, texts(0, 'a'));
    await produce(`${name}.x`, texts(0, 'x'));
    const pattern = new RegExp(`^${name}\\.[a-c]$`, 'g');
    const handle = await copyJob(uniqueName('job'), pattern, output)(newFolder());
    await expect.poll(() => readTexts(output), WAIT).toEqual(['a']);
    await topic('b');
    await produce(`${name}.b`, texts(0, 'b'));
    await expect.poll(() => readTexts(output), WAIT).toEqual(['a', 'b']);
    await handle.stop();
  });

  it('is idle at its end, also behind what was aborted, and not while a transaction is open', async () => {
    const input = await newTopic('in', 3);
    await produce(input, orders(0, 10), 'commit');
    await produce(input, orders(10, 20), 'abort');
    const open = await openTransaction(input, orders(0, 10, 1));
    await produce(input, orders(0, 5, 1));
    await produce(input, orders(0, 1_000, 2));
    const watched = observedDriver();
    const sink = memorySink<{ readonly start: number; readonly orders: number }>();
    const flow = dataflow(uniqueName('job'));
    const strategy = boundedOutOfOrderness<Order>('0s', ({ at }) => at, { idleAfter: '300ms' });
    flow
      .from('orders', kafka.topic<Order>(input, { bootstrap, driver: watched.driver }), { watermarks: strategy })
      .keyBy(() => 'all')
      .window(tumbling('1s'))
      .aggregate({ orders: count() }, ({ window, value }) => ({ start: window.start, orders: value.orders }))
      .to('rows', sink);
    const handle = await flow.run({ logger: silentLogger });
    const [quiet, held] = [`${input}-0`, `${input}-1`];
    await expect.poll(() => partitionOf(handle, quiet), WAIT).toMatchObject({ idle: true, lag: 0 });
    // Many times the time-out, in answers of the broker: partition 1 has records that nobody may see yet.
    await expect.poll(() => watched.looks, WAIT).toBeGreaterThan(5);
    expect(partitionOf(handle, held)).toMatchObject({ idle: false, lag: 15 });
    expect(sink.rows).toEqual([]);
    await open.commit();
    await open.close();
    await expect.poll(() => partitionOf(handle, held), WAIT).toMatchObject({ idle: true, lag: 0 });
    await expect.poll(() => sink.rows.length, WAIT).toBe(9);
    expect(sink.rows[0]).toEqual({ start: 0, orders: 125 });
    await handle.stop();
  });

  it('begins where its group stands, and at the beginning of partitions that it does not stand in', async () => {
    const [input, group] = [await newTopic('in', 2), uniqueName('group')];
    await produce(input, [...texts(0, 'a', 'b', 'c'), ...texts(1, 'd')]);
    const producer = await transaction();
    const member = await joined(group, input);
    await producer.sendOffsets(member, [{ topic: input, partition: 0, offset: 2 }]);
    await producer.commit();
    await producer.close();
    await member.close();
    const sink = memorySink<string>();
    const flow = dataflow(uniqueName('job'));
    const options = { bootstrap, group, start: 'committed', until: 'end', format: kafka.string() } as const;
    flow.from('texts', kafka.topic(input, options)).to('rows', sink);
    await (
      await flow.run({ logger: silentLogger })
    ).done;
    expect([...sink.rows].sort()).toEqual(['c', 'd']);
  });

  it('refuses to step over records that retention has dropped', async () => {
    const [input, output, folder] = [await newTopic('in'), await newTopic('out'), newFolder()];
    await produce(input, texts(0, 'a', 'b'));
    const start = copyJob(uniqueName('job'), input, output);
    const first = await start(folder);
    await expect.poll(() => readTexts(output), WAIT).toEqual(['a', 'b']);
    await first.stop();
    await produce(input, texts(0, 'c', 'd', 'e'));
    await dropRecords(input, 4);
    await expect(start(folder)).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: expect.stringMatching(
        /goes on at offset 2 of in-.*-0, but .* dropped what comes before 4.*fresh: true/,
      ) as string,
    });
    // A place that a person gave is no different.
    const offsets = { [`${input}-0`]: 1 };
    const fromOffset = copyJob(uniqueName('job'), input, output, { start: { offsets }, until: 'end' });
    await expect(fromOffset(newFolder()).then(({ done }) => done)).rejects.toThrow(
      /start of in-.*-0 is 1, .*between 4 and 5/,
    );
  });

  it('pauses a partition that is not read, holds little of it, and loses and repeats nothing', async () => {
    const input = await newTopic('in', 2);
    const most = 20_000;
    await produce(input, orders(0, most));
    const watched = observedDriver();
    const [unread, awaited] = [`${input}-0`, `${input}-1`];
    const until = { offsets: { [awaited]: 3 } };
    const sink = memorySink<Order>();
    const flow = dataflow(uniqueName('job'));
    flow
      .from('orders', kafka.topic<Order>(input, { bootstrap, driver: watched.driver, until }), {
        watermarks: boundedOutOfOrderness<Order>('0s', ({ at }) => at),
      })
      .to('rows', sink);
    const handle = await flow.run({ logger: silentLogger });
    // The results of a bounded job depend on the order of reading: it waits for the partition that has nothing yet.
    await expect.poll(() => watched.pauses, WAIT).toEqual([`pause ${unread}`]);
    const held = watched.fetched.get(unread) ?? 0;
    expect(held).toBeGreaterThan(8_192);
    // One turn of reading before, and what the last fetch brought.
    expect(held).toBeLessThanOrEqual(8_192 + 512 + 256);
    await produce(input, orders(0, 3, 1));
    await handle.done;
    // The other one is paused when it has ended; nothing resumes it.
    const pauses = watched.pauses.filter((what) => what.endsWith(unread));
    expect(pauses.slice(0, 2)).toEqual([`pause ${unread}`, `resume ${unread}`]);
    expect(pauses.length).toBeLessThan(8);
    expect(watched.fetched.get(unread)).toBe(most);
    expect(sink.rows.length).toBe(most + 3);
    expect(new Set(sink.rows.map(({ i }) => i)).size).toBe(most);
  });
});

/** A producer with a transaction that nobody ends by himself. */
async function joined(group: string, topic: string): Promise<MemberDriver> {
  const settings = { 'bootstrap.servers': bootstrap, 'group.id': group, 'enable.auto.commit': false };
  let assigned = (): void => undefined;
  const isIn = new Promise<void>((resolve) => (assigned = resolve));
  const events = { assigned: () => assigned(), revoked: () => Promise.resolve(), lost: () => undefined };
  const member = await confluentDriver.member(settings, [topic], events);
  await isIn;
  return member;
}

async function transaction(): Promise<ProducerDriver> {
  const settings = {
    'bootstrap.servers': bootstrap,
    'transactional.id': uniqueName('open'),
    'enable.idempotence': true,
    'transaction.timeout.ms': 600_000,
  };
  const producer = await confluentDriver.producer(settings, { failed: () => undefined });
  await producer.initTransactions();
  await producer.begin();
  return producer;
}

async function openTransaction(
  topic: string,
  records: readonly { readonly partition: number; readonly text: string }[],
): Promise<ProducerDriver> {
  const producer = await transaction();
  const rest: Omit<OutgoingRecord, 'partition' | 'value'> = { topic, key: null, timestamp: undefined, headers: [] };
  for (const { partition, text } of records) producer.send({ ...rest, partition, value: bytes(text) });
  await producer.flush();
  return producer;
}
