import { dataflow, memory, memoryCheckpoints, memorySink, silentLogger, type RunOptions } from 'millrace';
import { expect, it } from 'vitest';
import { kafka } from '../../src/index.ts';
import { modelBroker } from '../../src/testing.ts';

const bootstrap = 'model:9092';

function cluster() {
  const made = modelBroker();
  made.createTopic('in');
  made.createTopic('out');
  made.produce('in', [{ value: '1' }], 'commit');
  return made;
}

async function toOut(own: ReturnType<typeof cluster>, options: RunOptions): Promise<void> {
  const flow = dataflow('job');
  flow.from('in', memory(['a'])).to('copies', kafka.sink('out', { bootstrap, driver: own.driver }));
  await (
    await flow.run({ logger: silentLogger, ...options })
  ).done;
}

const exactlyOnce = [
  ['flow.run with checkpoints', () => ({ checkpoints: memoryCheckpoints() })],
  [
    'kafka.solo',
    (own: ReturnType<typeof cluster>) =>
      kafka.solo({ bootstrap, driver: own.driver, checkpoints: memoryCheckpoints() }),
  ],
] as const;

it.each(exactlyOnce)('a sink with bootstrap of its own is refused under exactly-once: %s', async (_, options) => {
  const own = cluster();
  await expect(toOut(own, options(own))).rejects.toMatchObject({
    code: 'GUARANTEE_UNMET',
    message: expect.stringMatching(/kafka\.sink\('out'\) has bootstrap of its own.*Leave bootstrap out.*at-least-once/),
    fields: { sink: 'copies' },
  });
  expect(own.records('out')).toEqual([]);
});

it.each(exactlyOnce)('so are dead letters: %s', async (_, options) => {
  const own = cluster();
  const dead = kafka.deadLetters({ bootstrap, driver: own.driver, topic: 'dead' });
  const flow = dataflow('job');
  flow.from('in', memory(['a'])).to('out', memorySink());
  const run = flow.run({ logger: silentLogger, ...options(own), onError: dead }).then(({ done }) => done);
  await expect(run).rejects.toMatchObject({
    code: 'GUARANTEE_UNMET',
    message: expect.stringMatching(/kafka\.deadLetters\(\) has bootstrap of its own/),
  });
});

it.each([
  ['without checkpoints', {}],
  ['at least once', { checkpoints: memoryCheckpoints(), guarantee: 'at-least-once' }],
  ['at most once', { checkpoints: memoryCheckpoints(), guarantee: 'at-most-once' }],
] as const)('it writes in a job that promises no more than it can keep: %s', async (_, options) => {
  const own = cluster();
  await toOut(own, options);
  expect(own.records('out')).toHaveLength(1);
});
