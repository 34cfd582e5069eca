import type { Logger } from 'millrace';
import { expect, it } from 'vitest';
import type { AdminDriver } from '../../src/index.ts';
import { Discovery, isGone } from '../../src/source/discovery.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';
import { FakeDriver } from '../setup/fake-driver.ts';
import { sourceContext } from '../setup/source-context.ts';

const reading = { offset: 5 };

/** A cluster whose topics are given, and a source that looks at it. */
async function discovering(wanted: string | RegExp, topics: string[], saved: readonly string[] = []) {
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  const logger: Logger = { debug: say, info: say, warn: say, error: say };
  const context = sourceContext(Object.fromEntries(saved.map((id) => [id, reading])), logger);
  const admin: AdminDriver = {
    ...(await new FakeDriver().admin()),
    topicNames: () => Promise.resolve(topics),
    topics: (names) =>
      Promise.resolve(
        names
          .filter((name) => topics.includes(name))
          .map((name) => ({ name, partitions: [{ replicas: 1, inSync: 1 }] })),
      ),
  };
  const discovery = new Discovery(wanted, 30_000, admin, 'a:1', context);
  /** Time goes on as long as it is waited for. */
  const within = async <R>(act: Promise<R>): Promise<R> => {
    let done = false;
    const settle = (): void => void (done = true);
    act.then(settle, settle);
    for (let i = 0; i < 100 && !done; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      context.time.advance(100);
    }
    return act;
  };
  return { discovery, context, lines, begin: () => within(discovery.begin(context.positions)) };
}

it('a pattern goes on without topics that are gone, and says so', async () => {
  const { begin, lines } = await discovering(/^t/, ['ta', 'tc', 'other'], ['ta-0', 'tb-0', 'tb-1']);
  expect(await begin()).toEqual({
    partitions: [
      { topic: 'ta', partition: 0 },
      { topic: 'tc', partition: 0 },
    ],
    gone: ['tb-0', 'tb-1'],
  });
  expect(lines).toEqual([expect.stringMatching(/^Topic 'tb' was deleted .* source 'orders' .* without tb-0, tb-1$/)]);
});

it('one answer without a topic does not make it gone', async () => {
  const topics = ['ta'];
  const { begin, context, lines } = await discovering(/^t/, topics, ['ta-0', 'tb-0']);
  context.time.after(1_500, () => topics.push('tb'));
  expect((await begin()).gone).toEqual([]);
  expect(lines).toEqual([]);
});

it.each<[string, string | RegExp, RegExp]>([
  ['the only topic', 'tb', /^Topic 'tb' was deleted since the last commit, .* fresh: true/],
  ['all topics of a pattern', /^t/, /^Topics 'tb', 'td' were deleted/],
])('%s is gone: refused by name', async (_what, wanted, message) => {
  const { begin } = await discovering(wanted, ['other'], typeof wanted === 'string' ? ['tb-0'] : ['tb-0', 'td-0']);
  await expect(begin()).rejects.toMatchObject({
    code: 'STATE_MISMATCH',
    message: expect.stringMatching(message) as string,
  });
});

it('what was never there is not found; what is no longer wanted is left to the job', async () => {
  await expect((await discovering('t', [])).begin()).rejects.toMatchObject({ code: 'IO_NOT_FOUND' });
  await expect((await discovering(/^t/, ['x'])).begin()).rejects.toMatchObject({ code: 'IO_NOT_FOUND' });
  const { begin } = await discovering('new', ['new'], ['old-0']);
  expect(await begin()).toEqual({ partitions: [{ topic: 'new', partition: 0 }], gone: [] });
});

it.each<[string, string | RegExp, readonly string[], object]>([
  ['the only topic', 'tb', [], { code: 'STATE_MISMATCH' }],
  ['one topic of several', /^t/, ['ta'], { code: 'IO_FAILED', retryable: true }],
])('%s is deleted while the job runs: it ends its life once that is sure', async (_what, wanted, others, error) => {
  const topics = ['tb', ...others];
  const { discovery, context, begin } = await discovering(wanted, topics);
  const queues = (await begin()).partitions.map(({ topic }) => new PartitionQueue(topic, 0, 0, Infinity, Infinity));
  topics.splice(0, 1);
  // It is not yet time to look.
  expect(await discovery.look(queues)).toEqual([]);
  context.time.advance(30_000);
  expect(await discovery.look(queues)).toEqual([]);
  expect(await discovery.look(queues)).toEqual([]);
  const failed = await discovery.look(queues).catch((reason: unknown) => reason);
  expect(failed).toMatchObject({ ...error, message: expect.stringMatching(/^Topic 'tb' was deleted/) as string });
  expect(isGone(failed)).toBe(true);
});

it('a pattern does not mean the topics of the brokers themselves', async () => {
  const { begin } = await discovering(/./, ['__consumer_offsets', '__transaction_state', 'mine']);
  expect((await begin()).partitions).toEqual([{ topic: 'mine', partition: 0 }]);
});
