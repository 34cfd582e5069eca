import { dataflow, int, memoryCheckpoints, silentLogger, struct } from 'millrace';
import { expect, it } from 'vitest';
import { kafka, type Letter } from '../../src/index.ts';
import { utf8Of } from '../../src/bytes/utf8.ts';
import type { ProducerDriver } from '../../src/driver/driver.ts';
import { kafkaError } from '../../src/driver/kafka-error.ts';
import { letterOf } from '../../src/letters/letter.ts';
import { printOf } from '../../src/letters/mark.ts';
import { modelBroker } from '../../src/testing.ts';
import {
  clusterWith,
  expected,
  given,
  header,
  LETTERS,
  lettersHeaders,
  marked,
  MARKS,
  open,
  textOf,
} from '../setup/letters-cluster.ts';

const all = (): boolean => true;

/** Its methods as fields, to be spread. */
const wholeProducer = (inner: ProducerDriver): ProducerDriver => ({
  initTransactions: () => inner.initTransactions(),
  begin: () => inner.begin(),
  sendOffsets: (member, offsets) => inner.sendOffsets(member, offsets),
  commit: () => inner.commit(),
  abort: () => inner.abort(),
  send: (record, id) => inner.send(record, id),
  flush: () => inner.flush(),
  close: () => inner.close(),
});

async function read(letters: { read(): AsyncIterable<Letter> }): Promise<Letter[]> {
  const found: Letter[] = [];
  for await (const letter of letters.read()) found.push(letter);
  return found;
}

it('reads what kafka.deadLetters has written, and gives it back as it came', async () => {
  const cluster = modelBroker();
  for (const topic of ['orders', 'out']) cluster.createTopic(topic, 2);
  const wrong = { partition: 1, key: 'k', value: 'no json', timestamp: 1_234, headers: [header('trace', 't1')] };
  cluster.produce('orders', [{ partition: 1, value: '{"n":1}' }, wrong, { partition: 1, value: '{"n":2}' }]);
  const dead = kafka.deadLetters();
  const flow = dataflow('job');
  flow
    .from('numbers', kafka.topic('orders', { until: 'end', schema: struct({ n: int() }), onError: dead }))
    .map(({ n }) => {
      if (n === 2) throw new Error('two is refused');
      return n;
    })
    .named('check')
    .to('out', kafka.sink('out'));
  const checkpoints = memoryCheckpoints();
  const solo = { bootstrap: 'model:9092', driver: cluster.driver, checkpoints, logger: silentLogger, onError: dead };
  const job = await flow.run(kafka.solo(solo));
  await job.done;

  expect(await kafka.letterTopics({ bootstrap: 'model:9092', driver: cluster.driver })).toEqual([LETTERS]);
  const letters = await open(cluster);
  const [malformed, thrown] = await read(letters);
  expect(malformed).toMatchObject({
    ...{ id: '0-0', code: 'RECORD_MALFORMED', source: 'numbers', topic: 'orders', partition: '1', offset: '1' },
    timestamp: 1_234,
  });
  expect(malformed?.headers.map(([name]) => name)).toEqual(['trace']);
  expect(thrown).toMatchObject({ code: 'USER_FUNCTION', message: 'two is refused', operator: 'check' });
  expect(await letters.retry(({ code }) => code === 'RECORD_MALFORMED')).toEqual({ done: 1, before: 0, obstacles: [] });
  const again = cluster.records('orders').at(-1);
  expect([again?.partition, textOf(again?.key ?? null), textOf(again?.value ?? null), again?.timestamp]).toEqual([
    1,
    'k',
    'no json',
    1_234,
  ]);
  expect(again?.headers).toEqual([header('trace', 't1')]);
  expect((await read(letters)).map(({ mark }) => [mark?.state, mark?.to])).toEqual([
    ['retried', 'orders'],
    [undefined, undefined],
  ]);
  await letters.close();
});

it('what was retried or dropped is not done again, by this process or another', async () => {
  const cluster = clusterWith(10);
  const letters = await open(cluster, { batch: 3 });
  const progress: number[] = [];
  expect(await letters.drop(({ id }) => id === '0-4', { reason: 'a test order' })).toMatchObject({ done: 1 });
  const onProgress = (done: number): void => void progress.push(done);
  expect(await letters.retry(all, { limit: 4, onProgress })).toEqual({ done: 4, before: 0, obstacles: [] });
  expect(progress).toEqual([3, 4]);
  expect(await letters.retry(all)).toEqual({ done: 5, before: 5, obstacles: [] });
  await letters.close();
  const next = await open(cluster);
  expect(await next.retry(all)).toEqual({ done: 0, before: 10, obstacles: [] });
  expect(await next.drop(all)).toEqual({ done: 0, before: 10, obstacles: [] });
  expect(given(cluster)).toEqual(expected(10).filter((line) => !line.includes('k4')));
  expect((await next.find('0-4'))?.mark).toMatchObject({ state: 'dropped', reason: 'a test order' });
  expect(await next.find('0-10')).toBeUndefined();
  expect(await next.find('7-0')).toBeUndefined();
  await next.close();
});

it('a dry run changes nothing', async () => {
  const cluster = clusterWith(10);
  const letters = await open(cluster, { batch: 3 });
  expect(await letters.retry(all, { dryRun: true })).toEqual({ done: 10, before: 0, obstacles: [] });
  expect(await letters.drop(all, { dryRun: true, limit: 4 })).toEqual({ done: 4, before: 0, obstacles: [] });
  expect(cluster.topicNames()).toEqual([LETTERS, 'orders']);
  expect(given(cluster)).toEqual([]);
  await letters.close();
});

it('letters that cannot be given back say why, and do not hold up the others', async () => {
  const cluster = clusterWith(1);
  cluster.produce(LETTERS, [
    { value: '[1,2]', headers: lettersHeaders(0, 1, { 'millrace.window': '0/60000' }) },
    { value: 'x', headers: lettersHeaders(0, 2, { 'millrace.value.truncated': '300000' }) },
    { value: 'x', headers: lettersHeaders(3, 3) },
    { value: 'x', headers: lettersHeaders(0, 4, { 'millrace.topic': 'gone' }) },
    { value: 'line', headers: [header('millrace.source', 'files'), header('millrace.partition', 'in/a.ndjson')] },
  ]);
  cluster.createTopic('elsewhere', 5);
  const letters = await open(cluster);
  const { done, obstacles } = await letters.retry(all);
  expect(done).toBe(1);
  expect(obstacles).toEqual([
    { id: '0-1', reason: expect.stringMatching(/window 0\/60000/) as string },
    { id: '0-2', reason: expect.stringMatching(/1 of 300000 bytes/) as string },
    {
      id: '0-3',
      reason: "it came from partition 3, and topic 'orders' has 3: add partitions, or name another topic (to)",
    },
    { id: '0-4', reason: expect.stringMatching(/topic 'gone' does not exist/) as string },
    { id: '0-5', reason: expect.stringMatching(/names no topic/) as string },
  ]);
  expect(await letters.retry(all, { to: 'elsewhere' })).toMatchObject({ done: 3, before: 1 });
  expect(
    given(cluster, 'elsewhere')
      .map((line) => line.split(' @')[0])
      .sort(),
  ).toEqual(expect.arrayContaining(['3 null x', '0 null x']));
  await letters.close();
});

it('a record that its topic refuses becomes an obstacle, and the rest of its batch is given back', async () => {
  const cluster = clusterWith(12);
  cluster.createTopic('picky', 3, ({ value }) => (['v4', 'v9'].includes(textOf(value) ?? '') ? 10 : 0));
  const letters = await open(cluster, { batch: 5 });
  const { done, obstacles } = await letters.retry(all, { to: 'picky' });
  expect(done).toBe(10);
  expect(obstacles.map(({ id }) => id)).toEqual(['0-4', '0-9']);
  expect(obstacles[0]?.reason).toMatch(/'picky' has not taken a record.*max\.message\.bytes/);
  expect(given(cluster, 'picky')).toEqual(expected(12).filter((line) => !/v[49]\b/.test(line)));
  expect(marked(cluster)).toHaveLength(10);
  await letters.close();
});

it('a record that was given up while others were sent is not committed without its neighbours', async () => {
  const cluster = clusterWith(4);
  let refused = false;
  const driver: typeof cluster.driver = {
    ...cluster.driver,
    async producer(settings, events) {
      const inner = await cluster.driver.producer(settings, events);
      return {
        ...wholeProducer(inner),
        send(record, id) {
          if (refused || textOf(record.value) !== 'v2') return inner.send(record, id);
          refused = true;
          events.failed(kafkaError('produce', { code: 7, message: 'timed out' }), { ...record, partition: 0 });
          return true;
        },
        // All that it has was acknowledged before.
        flush: () => (refused ? Promise.resolve() : inner.flush()),
      };
    },
  };
  const letters = await open(cluster, { driver });
  expect(await letters.retry(all)).toEqual({ done: 4, before: 0, obstacles: [] });
  expect(refused).toBe(true);
  expect(given(cluster)).toEqual(expected(4));
  expect(marked(cluster)).toHaveLength(4);
  await letters.close();
});

it('marks of a topic that was made anew do not count for its new letters', async () => {
  const [old, anew] = [clusterWith(3), clusterWith(3)];
  const first = await open(old);
  await first.retry(({ id }) => id !== '0-2');
  const marks = old.records(MARKS).map(({ key, value }) => ({ key, value }));
  anew.createTopic(MARKS);
  anew.produce(MARKS, marks.slice(0, 1));
  anew.produce(MARKS, [
    {
      key: '0-1',
      value: (textOf(marks[1]?.value ?? null) ?? '').replace(/"print":"[^"]+"/, '"print":"of another letter"'),
    },
  ]);
  const second = await open(anew);
  expect(await second.retry(all)).toEqual({ done: 2, before: 1, obstacles: [] });
  for (const letters of [first, second]) await letters.close();
});

it('a mark is of one letter: another time, key, value or header is another one', () => {
  const letter = { partition: 0, offset: 7, timestamp: 1, key: utf8Of('k'), value: utf8Of('v'), headers: [] };
  const others = [
    { timestamp: 2 },
    { key: null },
    { key: utf8Of('kv'), value: utf8Of('') },
    { value: utf8Of('w') },
    { value: null },
    { headers: [['h', utf8Of('v')]] as const },
  ];
  const prints = [{}, ...others].map((other) => printOf({ ...letter, ...other }));
  expect(new Set(prints).size).toBe(prints.length);
  expect(printOf({ ...letter })).toBe(prints[0]);
});

it('a record that is no mark, and a mark of another version, are errors with their place', async () => {
  const cluster = clusterWith(1);
  cluster.createTopic(MARKS);
  cluster.produce(MARKS, [{ key: '0-0', value: '{"version":2}' }]);
  const letters = await open(cluster);
  await expect(letters.retry(all)).rejects.toThrow(/offset 0: a mark of version 2, but this program reads version 1/);
  cluster.createTopic('millrace-dlq.orders');
  cluster.produce('millrace-dlq.orders', [{ key: 'a', value: 'no mark' }]);
  const orders = await open(cluster, { topic: 'orders' });
  await expect(read(orders)).rejects.toMatchObject({ code: 'STATE_CORRUPT' });
  for (const one of [letters, orders]) await one.close();
});

it('wrong options and topics are refused', async () => {
  const cluster = clusterWith(1);
  await expect(open(cluster, { topic: 'dlq.job.missing' })).rejects.toThrow(/no topic 'dlq.job.missing' on model:9092/);
  await expect(open(cluster, { topic: 'no name' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await expect(open(cluster, { topic: 'x'.repeat(240) })).rejects.toThrow(/that of the letters is too long/);
  await expect(open(cluster, { batch: 0 })).rejects.toThrow(/batch of kafka.letters\(\) is 0/);
  const letters = await open(cluster);
  await expect(letters.find('seven')).rejects.toThrow(/'<partition>-<offset>'/);
  await expect(letters.retry(all, { limit: 0 })).rejects.toThrow(/limit is 0/);
  expect(() => letters.retry(all, { to: LETTERS })).toThrow(/another topic than that of the letters/);
  await letters.close();
});

it('takes the timestamp of the record from its header, where the topic of letters gave the letter another', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const scanned = { partition: 0, offset: 7, timestamp: 99, key: null, value: bytes('v') };
  expect(letterOf({ ...scanned, headers: [['millrace.timestamp', bytes('5000')]] }).timestamp).toBe(5_000);
  expect(letterOf({ ...scanned, headers: [] }).timestamp).toBe(99);
});
