import { dataflow, memoryCheckpoints, silentLogger, type CheckpointStorage, type RunOptions } from 'millrace';
import { beforeEach, expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { modelBroker, type ModelBroker } from '../../src/testing.ts';

/** Jobs on a modelled broker: what they go on from, and what keeps them from it. */
let cluster: ModelBroker;

beforeEach(() => {
  cluster = modelBroker();
  for (const topic of ['a', 'b']) {
    cluster.createTopic(topic, 2);
    cluster.produce(
      topic,
      Array.from({ length: 20 }, (_, i) => ({ partition: i % 2, value: `${topic}${i}` })),
    );
  }
  cluster.createTopic('out');
});

function start(inputs: readonly string[], checkpoints: CheckpointStorage, options: Partial<RunOptions> = {}) {
  const flow = dataflow('job');
  for (const [i, input] of inputs.entries())
    flow
      .from(`source ${i}`, kafka.topic(input, { format: kafka.string() }))
      .map((text) => {
        if (text === 'fail') throw new Error('as it was told');
        return text;
      })
      .to(`sink ${i}`, kafka.sink('out', { format: kafka.string() }));
  const client = { 'session.timeout.ms': 2_000 };
  const solo = { bootstrap: 'model:9092', driver: cluster.driver, client, checkpoints, logger: silentLogger };
  return flow.run(kafka.solo({ ...solo, commitInterval: '20ms', ...options }));
}

const written = (): string[] => cluster.records('out').map(({ value }) => new TextDecoder().decode(value ?? undefined));

/** Runs until so many rows can be read, and stops in good order. */
async function runUntil(rows: number, ...args: Parameters<typeof start>) {
  const handle = await start(...args);
  const failed = handle.done.then(() => undefined);
  await Promise.race([expect.poll(() => written().length, { timeout: 10_000 }).toBe(rows), failed]);
  await handle.stop();
  return handle.metrics();
}

it('two sources of one topic go on where they were', async () => {
  const checkpoints = memoryCheckpoints();
  await runUntil(40, ['a', 'a'], checkpoints);
  cluster.produce('a', [{ partition: 0, value: 'more' }]);
  const { resumedFrom } = await runUntil(42, ['a', 'a'], checkpoints);
  expect(resumedFrom?.recordsIn).toBe(40);
  expect(written().filter((text) => text === 'more')).toHaveLength(2);
});

it('a job begun afresh on another topic is not held up by what it had committed on the first', async () => {
  const checkpoints = memoryCheckpoints();
  for (let rows = 20; rows < 30; rows++) {
    await runUntil(rows, ['a'], checkpoints);
    cluster.produce('a', [{ partition: 0, value: 'one more' }]);
  }
  await runUntil(49, ['b'], checkpoints, { fresh: true });
  cluster.produce('b', [{ partition: 1, value: 'last' }]);
  const { resumedFrom } = await runUntil(50, ['b'], checkpoints);
  expect(resumedFrom?.recordsIn).toBe(20);
});

it('beginning afresh does not take over a job that runs with another folder', async () => {
  const running = await start(['a'], memoryCheckpoints());
  await expect.poll(() => written().length, { timeout: 10_000 }).toBe(20);
  const other = memoryCheckpoints();
  await expect(start(['a'], other, { fresh: true })).rejects.toMatchObject({ code: 'CHECKPOINT_OWNED' });
  expect(running.status).toBe('running');
  await running.stop();
  await runUntil(40, ['a'], other, { fresh: true });
});

it('a job that was run exactly-once is not run with a lower guarantee from its first checkpoint on', async () => {
  const checkpoints = memoryCheckpoints();
  await runUntil(20, ['a'], checkpoints);
  const lower = { guarantee: 'at-least-once' } as const;
  await expect(start(['a'], checkpoints, lower)).rejects.toMatchObject({ code: 'STATE_MISMATCH' });
  await runUntil(40, ['a'], checkpoints, { ...lower, fresh: true });
  cluster.produce('a', [{ partition: 0, value: 'more' }]);
  await runUntil(41, ['a'], checkpoints, lower);
});

it('a job that fails leaves no transaction open, which would hide what others write', async () => {
  const handle = await start(['a'], memoryCheckpoints(), { commitInterval: '30s' });
  await expect.poll(() => cluster.hidden('out'), { timeout: 10_000 }).toBe(true);
  cluster.produce('a', [{ partition: 0, value: 'fail' }]);
  await expect(handle.done).rejects.toThrow('as it was told');
  expect(cluster.hidden('out')).toBe(false);
});
