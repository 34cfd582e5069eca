import { expect, it } from 'vitest';
import type { AdminDriver, OffsetQuery, TopicPartition } from '../../src/index.ts';
import { openQueues } from '../../src/source/open-queues.ts';
import { topicPartitionOf } from '../../src/driver/topic-partition.ts';
import type { KafkaSession } from '../../src/session/session.ts';
import { RestoredOffsets } from '../../src/session/restored-offsets.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';
import { fetched } from '../setup/fake-records.ts';

type Options = Parameters<typeof openQueues>[3];

/** A topic `t` whose partitions have records 10 to 100, at times 1,000 to 10,000. */
const admin: AdminDriver = {
  topics: () => Promise.resolve([]),
  topicNames: () => Promise.resolve([]),
  createTopics: () => Promise.resolve(),
  close: () => Promise.resolve(),
  members: () => Promise.resolve([]),
  committed: () => Promise.resolve([{ topic: 't', partition: 0, offset: 42 }]),
  offsets: (partitions: readonly TopicPartition[], query: OffsetQuery) =>
    Promise.resolve(partitions.map(() => offsetOf(query))),
};

function offsetOf(query: OffsetQuery): number {
  if (query === 'earliest') return 10;
  if (query === 'latest') return 100;
  return query.timestamp > 10_000 ? -1 : Math.ceil(query.timestamp / 100);
}

async function open(
  count: number,
  options: Options = {},
  saved: Readonly<Record<string, object>> = {},
  restored = new RestoredOffsets('group'),
) {
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }));
  const positions = new Map(Object.entries(saved)) as never;
  const session = { options: { group: 'group' }, restored };
  // Of a session nothing else is asked for.
  const queues = await openQueues(admin, session as unknown as KafkaSession, partitions, options, {
    name: 'orders',
    positions,
  });
  return queues.map(({ id, next, end }) => [id, next, end]);
}

it.each<[string, Options, readonly (readonly [number, number])[]]>([
  [
    'earliest',
    {},
    [
      [10, Infinity],
      [10, Infinity],
    ],
  ],
  [
    'latest',
    { start: 'latest' },
    [
      [100, Infinity],
      [100, Infinity],
    ],
  ],
  [
    'committed, else earliest',
    { start: 'committed' },
    [
      [42, Infinity],
      [10, Infinity],
    ],
  ],
  [
    'a time',
    { start: { timestamp: 5_000 } },
    [
      [50, Infinity],
      [50, Infinity],
    ],
  ],
  [
    'a time after the last record',
    { start: { timestamp: 20_000 } },
    [
      [100, Infinity],
      [100, Infinity],
    ],
  ],
  [
    'offsets, else earliest',
    { start: { offsets: { 't-1': 77 } } },
    [
      [10, Infinity],
      [77, Infinity],
    ],
  ],
  [
    'the end',
    { until: 'end' },
    [
      [10, 100],
      [10, 100],
    ],
  ],
  [
    'until a time',
    { until: { timestamp: 3_000 } },
    [
      [10, 30],
      [10, 30],
    ],
  ],
  [
    'until offsets, else the end',
    { until: { offsets: { 't-0': 20 } } },
    [
      [10, 20],
      [10, 100],
    ],
  ],
])('begins and ends at: %s', async (_name, options, ranges) => {
  expect(await open(2, options)).toEqual(ranges.map(([next, end], p) => [`t-${p}`, next, end]));
});

it('goes on where it was; partitions that are new since are read from their beginning, whatever start says', async () => {
  expect(await open(2, { start: 'latest' }, { 't-0': { offset: 60 } })).toEqual([
    ['t-0', 60, Infinity],
    ['t-1', 10, Infinity],
  ]);
});

it.each([5, 101])('refuses to begin at offset %d, where nothing is', async (offset) => {
  const started = open(1, { start: { offsets: { 't-0': offset } } });
  await expect(started).rejects.toThrow(/start of t-0 .*between 10 and 100/);
});

it.each<[string, Options, RegExp]>([
  ['start', { start: { offsets: { nonsense: 2 } } }, /start\.offsets of kafka\.topic\(\) .*nonsense.*t-0, t-1/],
  ['start', { start: { offsets: { 't-0': 20, 't-2': 20 } } }, /start\.offsets of kafka\.topic\(\) .*t-2/],
  ['until', { until: { offsets: { 'x-0': 20 } } }, /until\.offsets of kafka\.topic\(\) .*x-0/],
])('refuses %s.offsets of a partition that there is not', async (_option, options, message) => {
  await expect(open(2, options)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(message) as string,
  });
  // A job that goes on no longer goes by them.
  expect(await open(1, options, { 't-0': { offset: 60 } })).toEqual([['t-0', 60, Infinity]]);
});

it('a bounded job keeps its ends and its partitions over restarts', async () => {
  const saved = { 't-0': { offset: 60, end: 80, of: 2 }, 't-1': { offset: 10, end: 90, of: 2 } };
  expect(await open(3, { until: 'end' }, saved)).toEqual([
    ['t-0', 60, 80],
    ['t-1', 10, 90],
  ]);
});

it.each([
  ['retention has dropped', 5, /goes on at offset 5 of t-0, but the broker has dropped what comes before 10/],
  ['has been made anew', 200, /goes on at offset 200 of t-0, but the partition ends at 100: it was made anew/],
])('refuses to go on at a place that %s', async (_what, offset, message) => {
  await expect(open(1, {}, { 't-0': { offset } })).rejects.toMatchObject({
    code: 'STATE_MISMATCH',
    message: expect.stringMatching(message) as string,
  });
});

it('what a bounded job has read to its end may be dropped by retention, made anew or made smaller', async () => {
  const finished = {
    't-0': { offset: 5, end: 5, of: 3 },
    't-1': { offset: 200, end: 200, of: 3 },
    't-2': { offset: 7, end: 7, of: 3 },
  };
  expect(await open(2, { until: 'end' }, finished)).toEqual([
    ['t-0', 5, 5],
    ['t-1', 200, 200],
  ]);
  const reading = { ...finished, 't-0': { offset: 5, end: 6, of: 3 } };
  await expect(open(2, { until: 'end' }, reading)).rejects.toThrow(/goes on at offset 5 of t-0/);
});

it('positions of the group are held against those of finished partitions, too', async () => {
  const restored = new RestoredOffsets('group');
  restored.begin([{ topic: 't', partition: 0, offset: 3 }]);
  await open(1, { until: 'end' }, { 't-0': { offset: 5, end: 5, of: 1 } }, restored);
  expect(() => restored.check()).toThrow(/stands at offset 3 of t-0, but the job's last commit left it at 5/);
});

it('a queue hands over runs in order and knows its end, control records included', () => {
  const queue = new PartitionQueue('t', 0, 10, 20, 1);
  const { records } = fetched([[0, 10, 6]]);
  queue.push({ records, from: 0, to: 4, bytes: 0 });
  queue.push({ records, from: 4, to: 6, bytes: 0 });
  expect([queue.records, queue.ended, queue.position]).toEqual([6, false, { offset: 10, end: 20, of: 1 }]);
  queue.take(4, 14);
  expect([queue.records, queue.run?.from, queue.position]).toEqual([2, 4, { offset: 14, end: 20, of: 1 }]);
  queue.reachedEnd(20);
  expect([queue.atEnd, queue.ended]).toEqual([false, false]);
  queue.take(2, 16);
  expect([queue.atEnd, queue.ended]).toEqual([true, true]);
});

it('ids of partitions can be taken apart, whatever the name of the topic', () => {
  expect(topicPartitionOf('a-b.c-12')).toEqual({ topic: 'a-b.c', partition: 12 });
});
