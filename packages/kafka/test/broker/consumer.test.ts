/** `kafka.consumer` on a broker: order under concurrency, dead letters, members that come, go and die, a broker that restarts. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { silentLogger } from 'millrace';
import { expect, it, onTestFinished } from 'vitest';
import { startBroker } from '../../../../scripts/kafka/broker.mjs';
import { kafka, type ConsumerHandler, type ConsumerOptions, type KafkaConsumer } from '../../src/index.ts';
import {
  bootstrap,
  bytes,
  groupTool,
  newTopic,
  produce,
  readWithJava,
  uniqueName,
  withBroker,
  withOwnBroker,
} from '../setup/fixture.ts';

const PROGRAM = fileURLToPath(new URL('../programs/consumer.ts', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** How long a cluster may take for what it does at its own pace. */
const PATIENT = { timeout: 60_000, interval: 100 } as const;

interface Started {
  readonly consumer: KafkaConsumer<string, string>;
  readonly ended: Promise<unknown>;
}

function started(
  group: string,
  topics: string,
  handler: ConsumerHandler<string, string>,
  options: Partial<ConsumerOptions<string, string>> = {},
): Started {
  const consumer = kafka.consumer<string, string>({
    ...{ bootstrap, group, topics, format: kafka.string(), logger: silentLogger, commitInterval: '100ms' },
    ...{ client: { 'session.timeout.ms': 6_000 } },
    ...options,
  });
  const ended = consumer.run(handler).then(
    () => undefined,
    (error: unknown) => error,
  );
  onTestFinished(() => consumer.close());
  return { consumer, ended };
}

const PARTITIONS = 4;
const KEYS = 20;

/** Records whose values count; each of 20 keys has a partition of its own choice. */
const counted = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => {
    const key = bytes(`k${(from + i) % KEYS}`);
    return { key, partition: kafka.partitionOf(key, PARTITIONS), text: String(from + i) };
  });

const all = (count: number) => Array.from({ length: count }, (_, i) => i);
const sorted = (values: Iterable<string | null>) => [...values].map(Number).sort((a, b) => a - b);
const lagOf = async (consumer: KafkaConsumer<string, string>) =>
  (await consumer.lag()).reduce((sum, { lag }) => sum + lag, 0);

withBroker('kafka.consumer', () => {
  it.each(['at-least-once', 'at-most-once'] as const)(
    'whose place another with the same instance has taken ends, and processes nothing that it cannot commit: %s',
    async (guarantee) => {
      const [topic, group] = [await newTopic('in'), uniqueName('group')];
      await produce(topic, [{ text: 'a' }]);
      const seen: string[] = [];
      const note = (name: string) => (record: { readonly value: string | null }) => {
        seen.push(`${name} ${record.value}`);
      };
      // Committed by nothing but what is processed: the one that is locked out must find out by its own commit.
      const options = { instance: 'same', guarantee, commitInterval: '100ms' } as const;
      const first = started(group, topic, note('first'), options);
      await expect.poll(() => seen, PATIENT).toEqual(['first a']);
      await expect.poll(() => lagOf(first.consumer), PATIENT).toBe(0);
      const second = started(group, topic, note('second'), options);
      await expect.poll(async () => (await second.consumer.lag()).length, PATIENT).toBe(1);
      await produce(topic, [{ text: 'b' }]);
      expect(await first.ended).toMatchObject({ code: 'CHECKPOINT_FENCED' });
      await expect.poll(() => seen, PATIENT).toContain('second b');
      if (guarantee === 'at-most-once') expect(seen).toEqual(['first a', 'second b']);
      await second.consumer.stop();
      expect(await second.ended).toBeUndefined();
    },
  );

  it('hands over the records of a key in order, of different keys at once, and commits what is done', async () => {
    const [topic, group] = [await newTopic('in', PARTITIONS), uniqueName('group')];
    await produce(topic, counted(0, 2_000));
    const byKey = new Map<string, number[]>();
    let [running, most] = [0, 0];
    const { consumer, ended } = started(
      group,
      topic,
      async ({ key, value }) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        byKey.set(String(key), [...(byKey.get(String(key)) ?? []), Number(value)]);
      },
      { concurrency: 16 },
    );
    await expect.poll(() => [...byKey.values()].flat().length, PATIENT).toBe(2_000);
    expect(most).toBe(16);
    for (const [key, values] of byKey)
      expect(values, key).toEqual(all(100).map((i) => Number(key.slice(1)) + KEYS * i));
    await expect.poll(() => lagOf(consumer), PATIENT).toBe(0);
    await consumer.stop();
    expect(await ended).toBeUndefined();
    // Columns: group, topic, partition, current offset, log end offset, lag, ...
    const rows = groupTool('--describe', '--group', group)
      .split('\n')
      .filter((line) => line.startsWith(group));
    expect(rows.map((row) => row.trim().split(/\s+/)[5])).toEqual(['0', '0', '0', '0']);
    const again: string[] = [];
    started(group, topic, ({ value }) => void again.push(String(value)));
    await produce(topic, counted(2_000, 2_001));
    await expect.poll(() => again, PATIENT).toEqual(['2000']);
  });

  it('sends poison pills to the dead letters at once, and what fails after its attempts, and goes on', async () => {
    const [topic, group] = [await newTopic('in'), uniqueName('group')];
    const record = { key: bytes('a'), timestamp: Date.now() - 60_000, headers: [['trace', bytes('t1')] as const] };
    await produce(topic, [
      { ...record, text: '1' },
      { ...record, text: '{' },
      { ...record, text: '3' },
      { ...record, text: '4' },
    ]);
    const calls: string[] = [];
    const { consumer } = started(
      group,
      topic,
      ({ value, attempt }) => {
        calls.push(`${String(value)}#${attempt}`);
        if (Number(value) === 3) throw new Error('refused');
      },
      { format: kafka.json<string>(), attempts: 2, backoff: { min: '10ms' } },
    );
    await expect.poll(async () => [calls, await lagOf(consumer)], PATIENT).toEqual([['1#1', '3#1', '3#2', '4#1'], 0]);
    const letters = readWithJava(`dlq.${group}.${topic}`);
    expect(letters.map(({ key, value, timestamp }) => [key, value, timestamp])).toEqual([
      ['a', '{', record.timestamp],
      ['a', '3', record.timestamp],
    ]);
    expect(letters[0]?.headers).toMatch(/trace:t1,millrace\.error\.code:RECORD_MALFORMED,.*millrace\.offset:1/);
    expect(letters[1]?.headers).toMatch(
      /millrace\.error\.message:refused,millrace\.operator:handler,.*millrace\.offset:2,.*millrace\.attempts:2/,
    );
  });

  it('shares partitions with a member that joins and takes them over from one that stops: nothing twice', async () => {
    const [topic, group] = [await newTopic('in', PARTITIONS), uniqueName('group')];
    await produce(topic, counted(0, 3_000));
    const seen: string[] = [];
    const by = { first: 0, second: 0 };
    const handler =
      (name: keyof typeof by) =>
      async ({ value }: { readonly value: string | null }) => {
        seen.push(String(value));
        by[name]++;
        await new Promise((resolve) => setImmediate(resolve));
      };
    // So rare that only what is committed before partitions are given away keeps records from being processed again.
    const options = { concurrency: 8, commitInterval: '1h', buffer: 50 } as const;
    const first = started(group, topic, handler('first'), options);
    await expect.poll(() => by.first, PATIENT).toBeGreaterThan(100);
    const second = started(group, topic, handler('second'), options);
    await expect.poll(async () => (await second.consumer.lag()).length, PATIENT).toBe(2);
    await produce(topic, counted(3_000, 4_000));
    await expect.poll(() => by.second, PATIENT).toBeGreaterThan(0);
    await first.consumer.stop();
    await produce(topic, counted(4_000, 5_000));
    await expect.poll(() => new Set(seen).size, PATIENT).toBe(5_000);
    await expect
      .poll(async () => [(await second.consumer.lag()).length, await lagOf(second.consumer)], PATIENT)
      .toEqual([4, 0]);
    expect(sorted(seen)).toEqual(all(5_000));
  });

  it('takes over from a member that was killed: everything is processed', async () => {
    const [topic, group] = [await newTopic('in', PARTITIONS), uniqueName('group')];
    await produce(topic, counted(0, 2_000));
    const args = ['--conditions=millrace-source', '--import', TSX, PROGRAM, bootstrap, group, topic];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const done = new Set<string>();
    createInterface({ input: child.stdout }).on('line', (line) => done.add(line));
    const exit = new Promise((resolve) => child.on('close', (_, signal) => resolve(signal)));
    await expect.poll(() => done.size, PATIENT).toBeGreaterThan(100);
    child.kill('SIGKILL');
    expect(await exit).toBe('SIGKILL');
    expect(done.size).toBeLessThan(2_000);
    const before = done.size;
    let taken = 0;
    const { consumer } = started(group, topic, ({ value }) => {
      taken++;
      done.add(String(value));
    });
    await expect.poll(() => done.size, PATIENT).toBe(2_000);
    await expect.poll(() => lagOf(consumer), PATIENT).toBe(0);
    expect(sorted(done)).toEqual(all(2_000));
    // It began where the other had committed, not at the beginning.
    expect(taken).toBeLessThan(2_000);
    expect(taken).toBeGreaterThanOrEqual(2_000 - before);
  });
});

withOwnBroker('kafka.consumer and a broker of its own', () => {
  it('goes on when the broker is killed and comes back', async () => {
    const broker = await startBroker();
    onTestFinished(() => broker.stop());
    const [topic, group] = [await newTopic('in', PARTITIONS, {}, broker.bootstrap), uniqueName('group')];
    await produce(topic, counted(0, 500), undefined, broker.bootstrap);
    const seen = new Set<string>();
    const { consumer } = started(group, topic, ({ value }) => void seen.add(String(value)), {
      bootstrap: broker.bootstrap,
    });
    await expect.poll(() => seen.size, PATIENT).toBe(500);
    await broker.kill();
    await broker.restart();
    await produce(topic, counted(500, 1_000), undefined, broker.bootstrap);
    await expect.poll(() => seen.size, PATIENT).toBe(1_000);
    await expect.poll(() => lagOf(consumer).catch(() => -1), PATIENT).toBe(0);
    await consumer.stop();
  });
});
