/** Schemas as others write them: unions, recursion, aliases, ranges, keys of maps, old drafts. Nothing is read as something else. */
import { decimal, int, optional, string, struct, timestamp } from 'millrace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schemaRegistry, type RegistryFormat } from '../../src/index.ts';
import { fakeRegistry, type FakeRegistry } from '../setup/fake-registry.ts';

let fake: FakeRegistry;
beforeEach(async () => {
  fake = await fakeRegistry();
});
afterEach(() => fake.stop());

const registryOf = () => schemaRegistry({ url: fake.url, retryFor: '300ms' });
const avro = (type: object): void => void fake.add('x', { schemaType: 'AVRO', schema: JSON.stringify(type) }, 7);
const recordOf = (...fields: object[]) => ({ type: 'record', name: 'N', fields });

async function read<T>(format: RegistryFormat<T>, value: Uint8Array): Promise<T> {
  await format.prepare([value]);
  return format.decode(value);
}

const valueOf = (...bytes: readonly number[]): Uint8Array => Uint8Array.from([0, 0, 0, 0, 7, ...bytes]);

function zigzag(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value < 0n ? -value * 2n - 1n : value * 2n;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

describe('Avro', () => {
  it.each([
    [1_700_000_000_123_456_789n, 1_700_000_000_123],
    [1_700_000_000_129_000_000n, 1_700_000_000_129],
    [-1n, -1],
  ])('nanoseconds are read as milliseconds: %s', async (nanos, at) => {
    avro(recordOf({ name: 'at', type: { type: 'long', logicalType: 'timestamp-nanos' } }));
    expect(await read(registryOf().avro(struct({ at: timestamp() })), valueOf(...zigzag(nanos)))).toEqual({ at });
    expect(await read(registryOf().avro(), valueOf(...zigzag(nanos)))).toEqual({ at });
  });

  it('nanoseconds are written of milliseconds', async () => {
    const schema = recordOf({ name: 'at', type: { type: 'long', logicalType: 'timestamp-nanos' } });
    const write = await registryOf().avro<{ at: number }>(schema).writer('t');
    const value = write({ at: 1_700_000_000_123 });
    expect([...value.subarray(5)]).toEqual(zigzag(1_700_000_000_123_000_000n));
    expect(await read(registryOf().avro(schema), value)).toEqual({ at: 1_700_000_000_123 });
  });

  it('a union of whole numbers is one, and one of text and an enum is text', async () => {
    avro(recordOf({ name: 'a', type: ['null', 'int', 'long'] }));
    expect(await read(registryOf().avro(struct({ a: optional(int()) })), valueOf(2, 6))).toEqual({ a: 3 });
    const letters = { type: 'enum', name: 'E', symbols: ['X'] };
    fake.add(
      'y',
      { schemaType: 'AVRO', schema: JSON.stringify(recordOf({ name: 'a', type: ['string', letters] })) },
      8,
    );
    const Text = struct({ a: string() });
    expect(await read(registryOf().avro(Text), Uint8Array.of(0, 0, 0, 0, 8, 2, 0))).toEqual({ a: 'X' });
    expect(await read(registryOf().avro(Text), Uint8Array.of(0, 0, 0, 0, 8, 0, 2, 89))).toEqual({ a: 'Y' });
  });

  it('a record may hold itself', async () => {
    const Node = recordOf({ name: 'v', type: 'int' }, { name: 'next', type: ['null', 'N'], default: null });
    const write = await registryOf().avro<object>(Node).writer('t');
    const value = write({ v: 1, next: { v: 2 } });
    expect(await read(registryOf().avro(Node), value)).toEqual({ v: 1, next: { v: 2 } });
    expect(await read(registryOf().avro(struct({ v: int() })), value)).toEqual({ v: 1 });
  });

  it('a decimal of another scale is refused under another name, too: 0.5 is not 0.05', async () => {
    const scaled = (scale: number): object => ({ type: 'bytes', logicalType: 'decimal', precision: 6, scale });
    avro(recordOf({ name: 'old', type: scaled(1) }));
    const own = recordOf({ name: 'price', aliases: ['old'], type: scaled(2) });
    await expect(read(registryOf().avro(own), valueOf(2, 5))).rejects.toThrow(/scale/);
  });

  it('what an enum does not have becomes its default', async () => {
    const letters = (symbols: string[], rest: object = {}): object => ({ type: 'enum', name: 'E', symbols, ...rest });
    avro(recordOf({ name: 'e', type: letters(['A', 'B', 'C']) }));
    const own = recordOf({ name: 'e', type: letters(['A', 'U'], { default: 'U' }) });
    expect(await read(registryOf().avro(own), valueOf(4))).toEqual({ e: 'U' });
  });
});

describe('Protobuf', () => {
  it.each([
    ['int32', 2 ** 31],
    ['int32', -(2 ** 31) - 1],
    ['sint32', 2 ** 31],
    ['sfixed32', 2 ** 31],
    ['uint32', -1],
    ['uint32', 2 ** 32],
    ['fixed32', 2 ** 32],
    ['uint64', -1],
    ['fixed64', -1],
    ['int64', 2 ** 53],
  ])('a number that %s does not hold is refused, and not written as another: %d', async (type, number) => {
    const write = await registryOf()
      .protobuf<object>(`syntax = "proto3"; message Value { ${type} a = 1; }`)
      .writer('t');
    expect(() => write({ a: number })).toThrow(/a is .* whole number from/);
  });

  it.each([
    ['int32', [-(2 ** 31), 2 ** 31 - 1]],
    ['uint32', [0, 2 ** 32 - 1]],
    ['fixed64', [0, Number.MAX_SAFE_INTEGER]],
    ['sint64', [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ])('the least and the most of %s come back', async (type, numbers) => {
    const schema = `syntax = "proto3"; message Value { ${type} a = 1; }`;
    const write = await registryOf().protobuf<object>(schema).writer('t');
    for (const a of numbers) expect(await read(registryOf().protobuf(schema), write({ a }))).toEqual({ a });
  });

  it('keys of maps come as they are, whatever their type', async () => {
    const types = ['int64', 'bool', 'uint64', 'sint32', 'string'];
    const fields = types.map((type, i) => `map<${type}, string> m${i} = ${i + 1};`);
    const schema = `syntax = "proto3"; message Value { ${fields.join(' ')} }`;
    const value = {
      m0: { '5': 'x', '-7': 'y', '9007199254740991': 'z', '-4294967296': 'w' },
      m1: { true: 't', false: 'f' },
      m2: { '6': 'q', '4294967296': 'r' },
      m3: { '-3': 's' },
      m4: { '': 'empty', k: 'v' },
    };
    const write = await registryOf().protobuf<object>(schema).writer('t');
    expect(await read(registryOf().protobuf(schema), write(value))).toEqual(value);
  });

  it('files that refer to what every registry knows are read', async () => {
    const imported =
      'syntax = "proto3"; package m; import "confluent/type/decimal.proto"; message M { confluent.type.Decimal d = 1; }';
    fake.add('m', { schemaType: 'PROTOBUF', schema: imported });
    const schema = 'syntax = "proto3"; import "m.proto"; message V { m.M m = 1; }';
    const references = [{ name: 'm.proto', subject: 'm', version: 1 }];
    fake.add('t-value', { schemaType: 'PROTOBUF', schema, references }, 7);
    const format = registryOf().protobuf(struct({ m: struct({ d: decimal(5, 2) }) }));
    expect(await read(format, valueOf(0, 10, 7, 10, 5, 10, 1, 5, 24, 2))).toEqual({ m: { d: 5 } });
  });

  it('fields may be called like words of the language', async () => {
    const words = [
      'message',
      'reserved',
      'repeated',
      'optional',
      'option',
      'map',
      'oneof',
      'enum',
      'import',
      'package',
    ];
    const Words = struct(Object.fromEntries(words.map((word) => [word, string()])));
    const value = Object.fromEntries(words.map((word) => [word, word]));
    const write = await registryOf().protobuf(Words).writer('t');
    expect(await read(registryOf().protobuf(Words), write(value))).toEqual(value);
  });
});

describe('JSON Schema', () => {
  it.each([
    'http://json-schema.org/draft-04/schema#',
    'http://json-schema.org/draft-06/schema#',
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema',
  ])('of %s checks what is written', async ($schema) => {
    const schema = { $schema, type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'] };
    const write = await registryOf().jsonSchema<object>(schema).writer('t');
    expect(await read(registryOf().jsonSchema(schema), write({ a: 1 }))).toEqual({ a: 1 });
    expect(() => write({ a: 0 })).toThrow(/a must be >= 1/);
  });
});
