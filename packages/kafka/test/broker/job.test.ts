import { cpSync } from 'node:fs';
import path from 'node:path';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  exponentialDelay,
  fixedDelay,
  memorySink,
  silentLogger,
  tumbling,
  type JobEvent,
  type RunOptions,
} from 'millrace';
import { directory } from 'millrace/node';
import { expect, it } from 'vitest';
import { confluentDriver, kafka, type TopicOptions } from '../../src/index.ts';
import { bootstrap, newFolder, newTopic, produce, readWithJava, uniqueName, withBroker } from '../setup/fixture.ts';

const orders = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({
    text: JSON.stringify({ i: from + i, at: (from + i) * 10 }),
    partition: (from + i) % 3,
    timestamp: 1_000_000 + from + i,
  }));

interface Order {
  readonly i: number;
  readonly at: number;
}

function copyJob(name: string, input: string, output: string, options: TopicOptions<Order> = {}) {
  const flow = dataflow(name);
  flow
    .from('orders', kafka.topic<Order>(input, { until: 'end', ...options }))
    .map((order) => ({ ...order, seen: 1 }))
    .to('copies', kafka.sink(output, { key: ({ i }) => `key-${i % 10}` }));
  return flow;
}

async function run(flow: ReturnType<typeof dataflow>, folder: string, options: Partial<RunOptions> = {}) {
  const handle = await flow.run(
    kafka.solo({ bootstrap, checkpoints: directory(folder), logger: silentLogger, ...options }),
  );
  await handle.done;
  return handle;
}

const numbers = (records: readonly { readonly value: string }[]) =>
  records.map(({ value }) => (JSON.parse(value) as Order).i).sort((a, b) => a - b);

withBroker('a job from topic to topic', () => {
  it('reads what there is, writes it once, and is complete when started again', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out', 4)];
    await produce(input, orders(0, 1_000));
    const name = uniqueName('job');
    const folder = newFolder();
    const handle = await run(copyJob(name, input, output), folder);
    expect(handle.status).toBe('finished');
    await produce(input, orders(1_000, 1_100));
    expect((await run(copyJob(name, input, output), folder)).metrics().operators[0]?.in).toBe(1_000);
    const read = readWithJava(output);
    expect(numbers(read)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
    for (const { key, partition, timestamp, value } of read) {
      expect(partition).toBe(kafka.partitionOf(Buffer.from(key), 4));
      expect(timestamp).toBe(1_000_000 + (JSON.parse(value) as Order).i);
    }
  });

  it('reads only what was committed, and steps over what was not', async () => {
    const [input, output] = [await newTopic('in', 1), await newTopic('out', 1)];
    const inFirst = (from: number, to: number) => orders(from, to).map((order) => ({ ...order, partition: 0 }));
    await produce(input, inFirst(0, 10), 'commit');
    await produce(input, inFirst(10, 20), 'abort');
    await produce(input, inFirst(20, 30), 'commit');
    await produce(input, inFirst(30, 40), 'abort');
    const handle = await run(copyJob(uniqueName('job'), input, output), newFolder());
    expect(handle.status).toBe('finished');
    expect(numbers(readWithJava(output))).toEqual([
      ...Array(10).keys(),
      ...Array.from({ length: 10 }, (_, i) => 20 + i),
    ]);
  });

  it('begins and ends where it is told', async () => {
    const input = await newTopic('in', 3);
    await produce(input, orders(0, 90));
    const read = async (options: TopicOptions<Order>) => {
      const sink = memorySink<Order>();
      const flow = dataflow(uniqueName('job'));
      flow.from('orders', kafka.topic<Order>(input, { bootstrap, ...options })).to('rows', sink);
      await (
        await flow.run({ logger: silentLogger })
      ).done;
      return sink.rows.map(({ i }) => i).sort((a, b) => a - b);
    };
    const all = Array.from({ length: 90 }, (_, i) => i);
    expect(await read({ until: 'end' })).toEqual(all);
    expect(await read({ until: 'end', start: 'latest' })).toEqual([]);
    expect(await read({ until: 'end', start: { timestamp: 1_000_060 } })).toEqual(all.slice(60));
    expect(await read({ until: { timestamp: 1_000_060 } })).toEqual(all.slice(0, 60));
    const offsets = { [`${input}-0`]: 10, [`${input}-1`]: 10, [`${input}-2`]: 10 };
    expect(await read({ until: 'end', start: { offsets } })).toEqual(all.slice(30));
    expect(await read({ until: { offsets } })).toEqual(all.slice(0, 30));
    expect(await read({ until: 'end', start: 'committed', group: uniqueName('group') })).toEqual(all);
  });

  it('computes windows over all partitions, in the order of their watermarks', async () => {
    const input = await newTopic('in', 3);
    await produce(input, orders(0, 3_000));
    const sink = memorySink<{ readonly start: number; readonly orders: number }>();
    const flow = dataflow(uniqueName('job'));
    flow
      .from('orders', kafka.topic<Order>(input, { bootstrap, until: 'end' }), {
        watermarks: boundedOutOfOrderness('5s', ({ at }) => at),
      })
      .keyBy(() => 'all')
      .window(tumbling('1s'))
      .aggregate({ orders: count() }, ({ window, value }) => ({ start: window.start, orders: value.orders }))
      .to('rows', sink);
    await (
      await flow.run({ logger: silentLogger })
    ).done;
    expect(sink.rows).toEqual(Array.from({ length: 30 }, (_, i) => ({ start: i * 1_000, orders: 100 })));
  });

  it('names a topic that does not exist, and a cluster that does not answer', async () => {
    const known = await newTopic('in');
    await expect(run(copyJob(uniqueName('job'), 'no-such-topic', known), newFolder())).rejects.toThrow(
      /no-such-topic.*does not exist/,
    );
    await expect(run(copyJob(uniqueName('job'), known, 'no-such-topic'), newFolder())).rejects.toThrow(
      /no-such-topic.*does not exist/,
    );
  });

  it('refuses a second process with another folder before it touches the transaction', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out')];
    await produce(input, orders(0, 10));
    const name = uniqueName('job');
    await run(copyJob(name, input, output), newFolder());
    const second = run(copyJob(name, input, output), newFolder());
    await expect(second).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
  });

  it('goes on after it was fenced: the last commit is still its own', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out')];
    await produce(input, orders(0, 6_000));
    const name = uniqueName('job');
    const settings = { 'bootstrap.servers': bootstrap, 'transactional.id': name, 'enable.idempotence': true };
    const flow = dataflow(name);
    flow
      .from('orders', kafka.topic<Order>(input, { until: 'end' }), { rateLimit: { recordsPerSecond: 4_000 } })
      .to('copies', kafka.sink(output));
    let fencing: Promise<unknown> | undefined;
    const events: JobEvent[] = [];
    const handle = await run(flow, newFolder(), {
      commitInterval: '50ms',
      restart: fixedDelay({ attempts: 5, delay: '20ms' }),
      onEvent: (event) => {
        events.push(event);
        // A rival with the same transactional id; it commits nothing.
        if (event.type === 'checkpoint' && event.id === 3) {
          fencing ??= confluentDriver.producer(settings, { failed: () => undefined }).then(async (rival) => {
            await rival.initTransactions();
            await rival.close();
          });
        }
      },
    });
    await fencing;
    expect(handle.status).toBe('finished');
    expect(events.some(({ type }) => type === 'restarting')).toBe(true);
    expect(numbers(readWithJava(output))).toEqual(Array.from({ length: 6_000 }, (_, i) => i));
  });

  it('stops when another process has taken it over', async () => {
    const [input, output] = [await newTopic('in', 3), await newTopic('out')];
    await produce(input, orders(0, 20_000));
    const name = uniqueName('job');
    const slow = () => {
      const flow = dataflow(name);
      flow
        .from('orders', kafka.topic<Order>(input, { until: 'end' }), { rateLimit: { recordsPerSecond: 4_000 } })
        .to('copies', kafka.sink(output));
      return flow;
    };
    const [folder, copy] = [newFolder(), newFolder()];
    const restart = exponentialDelay({ initial: '300ms', attempts: 20 });
    let copied = (): void => undefined;
    const isCopied = new Promise<void>((resolve) => (copied = resolve));
    const onEvent = (event: JobEvent): void => {
      if (event.type !== 'checkpoint' || event.id !== 1) return;
      // On another machine, as after a restore from a backup: the owner's record says nothing there.
      cpSync(folder, copy, { recursive: true, filter: (file) => path.basename(file) !== 'owner' });
      copied();
    };
    const first = run(slow(), folder, { restart, onEvent, commitInterval: '30s' }).catch((error: unknown) => error);
    await isCopied;
    const second = await run(slow(), copy, { restart, commitInterval: '50ms' });
    expect(await first).toMatchObject({ code: 'CHECKPOINT_FENCED' });
    expect(second.status).toBe('finished');
    expect(numbers(readWithJava(output))).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
  });
});
