import { dataflow, memory, memoryCheckpoints, silentLogger } from 'millrace';
import { expect, it } from 'vitest';
import { kafkaError } from '../../src/driver/kafka-error.ts';
import { kafka, type DeadLetterOptions } from '../../src/index.ts';
import { modelBroker } from '../../src/testing.ts';

/** Runs a job without any bad record. */
async function run(name: string, options: DeadLetterOptions = {}, prefix: string = ''): Promise<void> {
  const cluster = modelBroker();
  cluster.createTopic('out');
  const flow = dataflow(name);
  flow.from('in', memory(['a'])).to('out', kafka.sink('out'));
  const onError = kafka.deadLetters(options);
  const [checkpoints, { driver }] = [memoryCheckpoints(), cluster];
  const solo = { bootstrap: 'model:9092', driver, checkpoints, prefix, logger: silentLogger, onError };
  await (
    await flow.run(kafka.solo(solo))
  ).done;
}

it.each<[string, string, DeadLetterOptions, string]>([
  ['a dataflow with blanks', 'my job', {}, ''],
  ['a prefix with a slash', 'job', {}, 'team/'],
  ['names that are too long together', 'j'.repeat(240), {}, 'prefix.'],
  ['a topic that makes it too long', 'j'.repeat(120), { of: ['t'.repeat(130)] }, ''],
])('dead letters that could go nowhere are refused when the job begins: %s', async (_, name, options, prefix) => {
  await expect(run(name, options, prefix)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(
      /^topic of dead letters is "dlq\..*must be made of .*dataflow's name.*or give topic\.$/,
    ),
  });
});

it('a topic of its own does for them', async () => {
  await expect(run('my job', { topic: 'dead', of: ['in'] }, 'team/')).resolves.toBeUndefined();
});

it.each([
  [17, /No topic can have this name/],
  [40, /A setting of the topic/],
  [-186, /An argument is not valid/],
])('an answer that stays the same is not asked for again: %i', (code, message) => {
  const error = kafkaError('creating topic', { code, message: 'Broker: no' });
  expect(error.retryable).toBe(false);
  expect(error.message).toMatch(message);
  expect(kafkaError('creating topic', { code: 5, message: 'Broker: not yet' }).retryable).toBe(true);
});
