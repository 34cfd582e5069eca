import { dataflow, int, memoryCheckpoints, silentLogger, struct } from 'millrace';
import { expect, it, vi } from 'vitest';
import { kafka, type DeadLetterOptions, type KafkaDriver, type NewTopic } from '../../src/index.ts';
import { modelBroker, type Refusal } from '../../src/testing.ts';

const decoder = new TextDecoder();
const bootstrap = 'model:9092';
const LARGE = 'x'.repeat(200_000);
/** What topics of letters get in any case. */
const LETTERS = { 'max.message.bytes': '10000000', 'message.timestamp.type': 'CreateTime' };

/** A cluster whose topic of dead letters refuses some, and a job that reads numbers there, of which one is none. */
function jobWith(refusal: Refusal, until?: 'end') {
  const cluster = modelBroker();
  for (const topic of ['in', 'out']) cluster.createTopic(topic);
  cluster.createTopic('dead', 1, refusal);
  cluster.produce('in', [{ value: '{"n":1}' }, { key: 'k', value: LARGE }, { value: '{"n":2}' }], 'commit');
  const dead = kafka.deadLetters({ topic: 'dead' });
  const flow = dataflow('job');
  const source = kafka.topic('in', { schema: struct({ n: int() }), onError: dead, ...(until && { until }) });
  flow.from('in', source).to('out', kafka.sink('out'));
  const checkpoints = memoryCheckpoints();
  const run = () =>
    flow.run(
      kafka.solo({ bootstrap, driver: cluster.driver, checkpoints, logger: silentLogger, commitInterval: '20ms' }),
    );
  return { cluster, run };
}

const size =
  (most: number): Refusal =>
  ({ value }) =>
    (value?.length ?? 0) > most ? 10 : 0;

it.each([
  ['bounded', 'end'],
  ['live, whose letters say when they were written', undefined],
] as const)(
  'a letter that is too large for its topic goes again, shortened: of a source that is %s',
  async (_, until) => {
    const { cluster, run } = jobWith(size(100_000), until);
    const job = await run();
    await vi.waitFor(() => expect(cluster.records('dead')).toHaveLength(1), { timeout: 30_000 });
    if (until === undefined)
      await vi.waitFor(() => expect(cluster.records('out')).toHaveLength(2), { timeout: 30_000 });
    if (until === undefined) await job.stop();
    await job.done;
    const [letter] = cluster.records('dead');
    expect(decoder.decode(letter?.key ?? undefined)).toBe('k');
    expect(decoder.decode(letter?.value ?? undefined)).toBe(LARGE.slice(0, 65_536));
    const headers = new Map(letter?.headers.map(([name, value]) => [name, decoder.decode(value)]));
    expect(headers.get('millrace.value.truncated')).toBe('200000');
    expect(headers.get('millrace.error.code')).toBe('RECORD_MALFORMED');
    expect(cluster.records('out')).toHaveLength(2);
  },
);

it('one that fits is written whole', async () => {
  const { cluster, run } = jobWith(size(200_000), 'end');
  await (
    await run()
  ).done;
  const [letter] = cluster.records('dead');
  expect(letter?.value).toHaveLength(200_000);
  expect(letter?.headers.map(([name]) => name)).not.toContain('millrace.value.truncated');
});

it.each([
  [
    'the shortened one, too',
    size(10),
    /topic 'dead' does not take the dead letter with key "k", .*Raise max\.message\.bytes of the topic\.$/,
  ],
  [
    'another thing about it',
    () => 87,
    /topic 'dead' does not take the dead letter .*cleanup\.policy of the topic to 'delete'\.$/,
  ],
])('if its topic refuses %s, the job fails and says what helps', async (_, refusal, message) => {
  const { run } = jobWith(refusal, 'end');
  const failed = run().then(({ done }) => done);
  await expect(failed).rejects.toMatchObject({ code: 'RECORD_REFUSED', message: expect.stringMatching(message) });
  await expect(failed).rejects.not.toMatchObject({ message: expect.stringMatching(/kafka\.sink/) });
});

it.each<[string, DeadLetterOptions, Readonly<Record<string, string>>]>([
  ['no config', {}, { 'retention.ms': '-1', ...LETTERS }],
  [
    'config',
    { config: { 'retention.ms': '86400000', 'cleanup.policy': 'delete' } },
    { 'retention.ms': '86400000', 'cleanup.policy': 'delete', ...LETTERS },
  ],
])('config is put over the default, and does not replace it: %s', async (_, options, config) => {
  const cluster = modelBroker();
  cluster.createTopic('in');
  cluster.createTopic('out');
  const made: NewTopic[] = [];
  const driver: KafkaDriver = {
    ...cluster.driver,
    async admin(settings) {
      const admin = await cluster.driver.admin(settings);
      const createTopics = admin.createTopics.bind(admin);
      return Object.assign(admin, {
        createTopics: (topics: readonly NewTopic[]) => {
          made.push(...topics);
          return createTopics(topics);
        },
      });
    },
  };
  const flow = dataflow('job');
  const onError = kafka.deadLetters({ of: ['in'], ...options });
  flow.from('in', kafka.topic('in', { until: 'end', onError })).to('out', kafka.sink('out'));
  await (
    await flow.run(kafka.solo({ bootstrap, driver, checkpoints: memoryCheckpoints(), logger: silentLogger }))
  ).done;
  expect(made).toEqual([{ name: 'dlq.job.in', partitions: 1, replication: -1, config }]);
});
