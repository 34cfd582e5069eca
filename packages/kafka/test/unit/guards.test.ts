import {
  dataflow,
  memory,
  memoryCheckpoints,
  memorySink,
  silentLogger,
  string,
  struct,
  type GuardOptions,
  type Sink,
  type Source,
} from 'millrace';
import { describe, expect, it } from 'vitest';
import { autoCommit } from '../../src/guards/auto-commit.ts';
import { KeyCardinality, MEASURED_RECORDS } from '../../src/guards/key-cardinality.ts';
import { kafka } from '../../src/index.ts';
import { modelBroker, type ModelBroker } from '../../src/testing.ts';

const Event = struct({ id: string() });
const { fail } = { fail: 'fail' as const };

/** What a source or sink says of itself, by the ids of the guards. */
const idsOf = ({ findings }: Source<unknown> | Sink<never>): readonly string[] =>
  (findings ?? []).map(({ guard }) => guard);

/** Runs a job that copies, until `seen` holds; returns what it warned of. */
async function warningsOf(
  broker: ModelBroker,
  source: Source<{ id: string }>,
  sink: Sink<{ id: string }>,
  seen: () => boolean,
  guards?: GuardOptions,
): Promise<string[]> {
  const warnings: string[] = [];
  const flow = dataflow('copy');
  flow.from('events', source).to('out', sink);
  const handle = await flow.run(
    kafka.solo({
      bootstrap: 'model:9092',
      driver: broker.driver,
      checkpoints: memoryCheckpoints(),
      commitInterval: '20ms',
      logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
      ...(guards === undefined ? {} : { guards }),
    }),
  );
  while (!seen()) await new Promise((resolve) => setImmediate(resolve));
  await handle.stop();
  return warnings;
}

const event = (id: string) => ({ key: id, value: JSON.stringify({ id }) });
const reading = (more: object = {}) => kafka.topic('in', { schema: Event, onError: fail, ...more });
const writing = (key: (value: { id: string }) => string = ({ id }) => id) => kafka.sink('out', { schema: Event, key });

function cluster(inputs: number, outputs: number): ModelBroker {
  const broker = modelBroker();
  broker.createTopic('in', inputs);
  broker.createTopic('out', outputs);
  return broker;
}

describe('json-without-schema', () => {
  it('is seen where JSON is read or written without a schema', () => {
    expect(idsOf(kafka.topic('in', { onError: fail }))).toEqual(['json-without-schema']);
    expect(idsOf(kafka.topic('in', { onError: fail, format: kafka.json() }))).toEqual(['json-without-schema']);
    expect(idsOf(kafka.sink('out'))).toEqual(['json-without-schema']);
    expect(kafka.topic(/^in\./).findings?.[0]?.message).toMatch(
      /^kafka\.topic\(\/\^in\\\.\/\): JSON is read without a schema/,
    );
  });

  it('is silent with a schema or another format', () => {
    for (const options of [{ schema: Event }, { format: kafka.json(Event) }, { format: kafka.string() }]) {
      // Formats of different values.
      expect(
        idsOf(kafka.topic('in', { onError: fail, ...(options as { format: ReturnType<typeof kafka.string> }) })),
      ).toEqual([]);
      expect(idsOf(kafka.sink('out', options as { format: ReturnType<typeof kafka.string> }))).toEqual([]);
    }
  });
});

describe('no-dead-letters', () => {
  it('is seen at a live source that decodes and has no policy', () => {
    expect(idsOf(kafka.topic('in', { schema: Event }))).toEqual(['no-dead-letters']);
    expect(idsOf(kafka.topic('in', { format: kafka.string() }))).toEqual(['no-dead-letters']);
  });

  it('is silent with a policy, a decision to fail, an end, or nothing to decode', () => {
    expect(idsOf(kafka.topic('in', { schema: Event, onError: kafka.deadLetters() }))).toEqual([]);
    expect(idsOf(kafka.topic('in', { schema: Event, onError: 'fail' }))).toEqual([]);
    expect(idsOf(kafka.topic('in', { schema: Event, until: 'end' }))).toEqual([]);
    expect(idsOf(kafka.topic('in', { format: kafka.bytes() }))).toEqual([]);
  });
});

describe('single-partition-input', () => {
  it('is seen where live input has one partition and output more', async () => {
    const broker = cluster(1, 4);
    broker.produce('in', [event('a')]);
    expect(await warningsOf(broker, reading(), writing(), () => broker.records('out').length === 1)).toEqual([
      expect.stringMatching(
        /^guard single-partition-input: kafka\.topic\('in'\) has 1 partition, and output topic 'out' has 4/,
      ),
    ]);
  });

  it("with 'error' the job is refused before a record is read", async () => {
    const broker = cluster(1, 4);
    broker.produce('in', [event('a')]);
    const refused = warningsOf(broker, reading(), writing(), () => true, { level: 'error' });
    await expect(refused).rejects.toMatchObject({
      code: 'GUARD_REFUSED',
      fields: { guards: ['single-partition-input'] },
    });
    expect(broker.records('out')).toEqual([]);
  });

  it('is silent with one partition on both sides, several, or an end', async () => {
    for (const [inputs, outputs, more] of [
      [1, 1, {}],
      [2, 4, {}],
      [1, 4, { until: 'end' }],
    ] as const) {
      const broker = cluster(inputs, outputs);
      broker.produce('in', [event('a')]);
      expect(await warningsOf(broker, reading(more), writing(), () => broker.records('out').length === 1)).toEqual([]);
    }
  });
});

describe('auto-commit', () => {
  const offsets = [0, 1, 2, 3].map((partition) => ({ topic: 'in', partition, offset: 10 + partition }));

  it('is seen where a group has offsets that no job has committed', () => {
    expect(autoCommit('revenue', offsets)).toEqual([
      {
        guard: 'auto-commit',
        message:
          "group 'revenue' has offsets that this job has not committed (in-0 at 10, in-1 at 11, in-2 at 12, and 1 more): another " +
          'consumer uses it, and commits by itself.',
        cure: expect.stringContaining("start: 'committed'") as string,
      },
    ]);
  });

  it('is silent where there are none, or a marker among them', () => {
    expect(autoCommit('revenue', [])).toEqual([]);
    const metadata = '{"millrace":1,"era":0,"n":7,"attempt":"a","digest":"d","writer":"w"}';
    expect(autoCommit('revenue', [{ topic: 'in', partition: 0, offset: 3, metadata }, ...offsets.slice(1)])).toEqual(
      [],
    );
  });

  it('shows when the job begins; its own commits are none', async () => {
    const broker = cluster(1, 1);
    broker.produce('in', [event('a'), event('b')]);
    await commitAsOthersDo(broker, 'copy');
    const said = /^guard auto-commit: group 'copy' has offsets .*\(in-0 at 1\)/;
    const [first] = await warningsOf(broker, reading(), writing(), () => broker.records('out').length === 2);
    expect(first).toMatch(said);
    const other = cluster(1, 1);
    other.produce('in', [event('a'), event('b')]);
    await commitAsOthersDo(other, 'copy');
    const committed = reading({ start: 'committed' });
    expect(await warningsOf(other, committed, writing(), () => other.records('out').length === 1)).toEqual([]);
  });

  it('a job that goes on from its own commits is not accused', async () => {
    const broker = cluster(1, 1);
    const checkpoints = memoryCheckpoints();
    for (const id of ['a', 'b']) {
      broker.produce('in', [event(id)]);
      const warnings: string[] = [];
      const flow = dataflow('copy');
      flow.from('events', reading()).to('out', writing());
      const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
      const { driver } = broker;
      const handle = await flow.run(kafka.solo({ bootstrap: 'model:9092', driver, checkpoints, logger }));
      while (!broker.records('out').some(({ key }) => String.fromCharCode(...(key ?? [])) === id))
        await new Promise((resolve) => setImmediate(resolve));
      await handle.stop();
      expect(warnings).toEqual([]);
    }
  });
});

/** Commits offset 1 of in-0 for a group, without a marker. */
async function commitAsOthersDo({ driver }: ModelBroker, group: string): Promise<void> {
  const settings = { 'transactional.id': 'somebody', 'group.id': group };
  const producer = await driver.producer(settings, { failed: () => undefined });
  let joined: () => void = () => undefined;
  const assigned = new Promise<void>((resolve) => (joined = resolve));
  const member = await driver.member(settings, ['in'], {
    assigned: () => joined(),
    revoked: () => Promise.resolve(),
    lost: () => undefined,
  });
  await assigned;
  await producer.initTransactions();
  await producer.begin();
  await producer.sendOffsets(member, [{ topic: 'in', partition: 0, offset: 1 }]);
  await producer.commit();
  await member.close();
  await producer.close();
}

describe('low-cardinality-key', () => {
  const key = (text: string) => new TextEncoder().encode(text);

  it('is certain after so many records with fewer keys than partitions', () => {
    const keys = new KeyCardinality('out', 4);
    for (let i = 1; i < MEASURED_RECORDS; i++) expect(keys.see(key(`type-${i % 3}`))).toBeUndefined();
    expect(keys.see(key('type-0'))).toMatchObject({
      guard: 'low-cardinality-key',
      message:
        "kafka.sink('out'): the first 10000 records have 3 keys, the topic has 4 partitions: most of them stay empty.",
    });
    expect(keys.done).toBe(true);
    expect(keys.see(key('type-1'))).toBeUndefined();
  });

  it('is done as soon as there are as many keys as partitions', () => {
    const keys = new KeyCardinality('out', 4);
    for (const text of ['a', 'a', 'b', 'c']) expect(keys.see(key(text))).toBeUndefined();
    expect(keys.done).toBe(false);
    expect(keys.see(key('d'))).toBeUndefined();
    expect(keys.done).toBe(true);
  });

  it.each<[string, number, ((value: { id: string }) => string) | undefined, RegExp[]]>([
    [
      'one key',
      4,
      () => 'same',
      [/^guard low-cardinality-key: kafka\.sink\('out'\).*1 key, the topic has 4 partitions/],
    ],
    ['ids', 4, ({ id }) => id, []],
    ['one key for one partition', 1, () => 'same', []],
    ['no key', 4, undefined, []],
  ])('a job that writes with %s to %i partitions', async (_what, partitions, keyOf, said) => {
    const broker = modelBroker();
    broker.createTopic('out', partitions);
    const warnings: string[] = [];
    const flow = dataflow('write');
    const events = Array.from({ length: MEASURED_RECORDS + 1 }, (_, i) => ({ id: `e${i}` }));
    const sink = kafka.sink<{ id: string }>('out', { schema: Event, ...(keyOf === undefined ? {} : { key: keyOf }) });
    flow.from('events', memory(events)).to('out', sink);
    const handle = await flow.run(
      kafka.solo({
        bootstrap: 'model:9092',
        driver: broker.driver,
        checkpoints: memoryCheckpoints(),
        logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
      }),
    );
    await handle.done;
    expect(warnings).toEqual(said.map((message) => expect.stringMatching(message) as string));
    expect(broker.records('out').length).toBe(events.length);
  });
});

it('a job that reads and writes with schemas, keys and a policy is told nothing', async () => {
  const broker = cluster(4, 4);
  broker.produce('in', [event('a'), { value: 'broken' }]);
  const source = kafka.topic('in', { schema: Event, onError: kafka.deadLetters() });
  expect(await warningsOf(broker, source, writing(), () => broker.records('out').length === 1, 'error')).toEqual([]);
  expect(idsOf(memorySink())).toEqual([]);
});
