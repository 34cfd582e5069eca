import { expect, it } from 'vitest';
import { CommitOffsets } from '../../src/session/commit-offsets.ts';

const source = (name: string, offsets: Readonly<Record<string, number>>) => ({
  source: name,
  partitions: Object.entries(offsets).map(([id, offset]) => ({ id, position: { offset } })),
});

const kafkaSources = new Set(['one', 'two']);

/** `topic-partition@offset`, with `!` where the marker stands. */
const shown = (offsets: ReturnType<CommitOffsets['next']>): string[] =>
  offsets.map(
    ({ topic, partition, offset, metadata }) => `${topic}-${partition}@${offset}${metadata === undefined ? '' : '!'}`,
  );

it('the lowest partition always, the others when they have moved', () => {
  const offsets = new CommitOffsets();
  const first = offsets.next([source('one', { 't-1': 5, 't-0': 7, 't-2': 3 })], kafkaSources, 'm');
  expect(shown(first)).toEqual(['t-0@7!', 't-1@5', 't-2@3']);
  offsets.committed(first);
  const second = offsets.next([source('one', { 't-1': 5, 't-0': 7, 't-2': 4 })], kafkaSources, 'm');
  expect(shown(second)).toEqual(['t-0@7!', 't-2@4']);
  offsets.clear();
  expect(shown(offsets.next([source('one', { 't-1': 5, 't-0': 7 })], kafkaSources, 'm'))).toEqual(['t-0@7!', 't-1@5']);
});

it('what was not committed is not taken for committed', () => {
  const offsets = new CommitOffsets();
  offsets.next([source('one', { 't-0': 1, 't-1': 5 })], kafkaSources, 'm');
  expect(shown(offsets.next([source('one', { 't-0': 1, 't-1': 5 })], kafkaSources, 'm'))).toEqual(['t-0@1!', 't-1@5']);
});

it('the marker stands on a second topic, too: with a topic that is deleted its offsets go', () => {
  const offsets = new CommitOffsets();
  const all = [source('one', { 'a-0': 1, 'b-0': 2, 'b-1': 3 })];
  const first = offsets.next(all, kafkaSources, 'm');
  expect(shown(first)).toEqual(['a-0@1!', 'b-0@2!', 'b-1@3']);
  offsets.committed(first);
  expect(shown(offsets.next(all, kafkaSources, 'm'))).toEqual(['a-0@1!', 'b-0@2!']);
});

it('a partition that several sources read is committed once, where the slowest of them stands', () => {
  const positions = [source('one', { 't-0': 9, 't-1': 2 }), source('two', { 't-0': 4, 't-1': 8 })];
  expect(shown(new CommitOffsets().next(positions, kafkaSources, 'm'))).toEqual(['t-0@4!', 't-1@2']);
});

it('other sources than those of Kafka have no offsets', () => {
  expect(new CommitOffsets().next([source('file', { 't-0': 9 })], kafkaSources, 'm')).toEqual([]);
});
