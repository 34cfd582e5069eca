import { dataflow, memory, memoryCheckpoints, silentLogger } from 'millrace';
import { expect, it } from 'vitest';
import { kafka, type Format, type KafkaSinkOptions } from '../../src/index.ts';
import { modelBroker } from '../../src/testing.ts';

const bootstrap = 'model:9092';
const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array | null) => (bytes === null ? null : decoder.decode(bytes));

/** Runs values through a sink with dead letters. What it wrote, and the message and code of the only letter. */
async function written(options: KafkaSinkOptions<string>) {
  const cluster = modelBroker();
  cluster.createTopic('out');
  const dead = kafka.deadLetters({ topic: 'dead' });
  const flow = dataflow('job');
  flow.from('in', memory(['bad', 'good'])).to('out', kafka.sink('out', { format: kafka.string(), ...options }));
  const checkpoints = memoryCheckpoints();
  const solo = kafka.solo({ bootstrap, driver: cluster.driver, checkpoints, logger: silentLogger, onError: dead });
  await (
    await flow.run(solo)
  ).done;
  const letters = cluster.records('dead').map(({ headers }) => {
    const named = new Map(headers.map(([name, value]) => [name, decoder.decode(value)]));
    return [named.get('millrace.error.code'), named.get('millrace.error.message')];
  });
  return { values: cluster.records('out').map(({ value }) => textOf(value)), letters };
}

const badly = (value: unknown, well: unknown) => (text: string) => (text === 'bad' ? value : well) as never;

it.each<[string, KafkaSinkOptions<string>, RegExp]>([
  ['a number as key', { key: badly(5, 'k') }, /^key\(\) returned the number 5; .*String\(key\)/],
  ['no key where there is a function', { key: badly(undefined, null) }, /^key\(\) returned undefined; .*or null/],
  ['a promise of a key', { key: badly(Promise.resolve('k'), 'k') }, /^key\(\) returned a promise/],
  ['a number in headers', { headers: badly({ n: 7 }, { n: '7' }) }, /^headers\(\) returned the number 7 for 'n'/],
  ['nothing in headers', { headers: badly({ n: null }, {}) }, /^headers\(\) returned null for 'n'/],
  ['text as headers', { headers: badly('x', {}) }, /^headers\(\) returned the string "x"; it must return an object/],
  [
    'text of a format',
    { format: { ...kafka.string(), name: 'mine', encode: badly('text', Uint8Array.of(103)) } },
    /^encode\(\) of format 'mine' returned the string "text"; it must return bytes/,
  ],
])('%s is a malformed record, and onError decides', async (_, options, message) => {
  const { values, letters } = await written(options);
  expect(values).toHaveLength(1);
  expect(letters).toEqual([['RECORD_MALFORMED', expect.stringMatching(message)]]);
});

it('tombstones and empty values are two things, and can be written and read', async () => {
  const cluster = modelBroker();
  for (const topic of ['in', 'out']) cluster.createTopic(topic);
  cluster.produce('in', [
    { key: 'a', value: '"x"' },
    { key: 'b', value: '' },
    { key: 'c', value: null },
  ]);
  // The format of docs/guide/kafka.md.
  const json = kafka.json<string>();
  const nullable: Format<string | null> = {
    name: 'json or tombstone',
    decode: (bytes) => (bytes.length === 0 ? null : json.decode(bytes)),
    encode: (value) => (value === null ? null : json.encode(value)),
  };
  const values: Format<{ value: string | null; key: Uint8Array | null }> = {
    name: 'value of a row',
    decode: () => expect.unreachable(),
    encode: ({ value }) => nullable.encode(value),
  };
  const flow = dataflow('job');
  flow
    .from(
      'in',
      kafka.topic('in', {
        until: 'end',
        format: nullable,
        project: (value, { key, value: bytes }) => ({ value, key, none: bytes === null }),
      }),
    )
    .map(({ value, key, none }) => ({ key, value: value ?? (none ? null : 'empty') }))
    .to('out', kafka.sink('out', { key: ({ key }) => key, format: values }));
  const checkpoints = memoryCheckpoints();
  await (
    await flow.run(kafka.solo({ bootstrap, driver: cluster.driver, checkpoints, logger: silentLogger }))
  ).done;
  expect(cluster.records('out').map(({ key, value }) => [textOf(key), textOf(value)])).toEqual([
    ['a', '"x"'],
    ['b', '"empty"'],
    ['c', null],
  ]);
});

it.each([
  ['string', kafka.string() as Format<unknown>],
  ['bytes', kafka.bytes() as Format<unknown>],
])('a tombstone is read as an empty value, and an empty value is written as one: %s', async (_, format) => {
  const cluster = modelBroker();
  for (const topic of ['in', 'out']) cluster.createTopic(topic);
  cluster.produce('in', [
    { key: 'k', value: null },
    { key: 'k', value: '' },
  ]);
  const flow = dataflow('job');
  const source = kafka.topic('in', { until: 'end', format });
  flow.from('in', source).to('out', kafka.sink('out', { format, key: () => 'k' }));
  const checkpoints = memoryCheckpoints();
  await (
    await flow.run(kafka.solo({ bootstrap, driver: cluster.driver, checkpoints, logger: silentLogger }))
  ).done;
  // What is written is empty, and there: a compacted topic keeps the key.
  expect(cluster.records('out').map(({ value }) => textOf(value))).toEqual(['', '']);
});
