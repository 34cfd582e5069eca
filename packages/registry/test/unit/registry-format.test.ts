import { decimal, int, optional, string, struct } from 'millrace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schemaRegistry, structToAvro, type RegistryFormat } from '../../src/index.ts';
import { fakeRegistry, type FakeRegistry } from '../setup/fake-registry.ts';

const Order = struct({ id: string(), amount: decimal(10, 2) });
const order = { id: 'a', amount: -1230 };

let fake: FakeRegistry;
beforeEach(async () => {
  fake = await fakeRegistry();
});
afterEach(() => fake.stop());

const registryOf = (options: object = {}) => schemaRegistry({ url: fake.url, ...options });

const lookUps = (): string[] => fake.asked.filter((one) => one.includes('/schemas/ids/'));

async function read<T>(format: RegistryFormat<T>, ...values: readonly Uint8Array[]): Promise<T[]> {
  await format.prepare(values);
  return values.map((value) => format.decode(value));
}

const KINDS = ['avro', 'protobuf', 'jsonSchema'] as const;

describe.each(KINDS)('a format of %s', (kind) => {
  it('writes what it reads, and asks for a schema once', async () => {
    const registry = registryOf();
    const write = await registry[kind](Order).writer('orders');
    const bytes = write(order);
    expect([...bytes.subarray(0, 5)]).toEqual([0, 0, 0, 0, 1]);
    const format = registry[kind](Order);
    expect(await read(format, bytes, bytes)).toEqual([order, order]);
    expect(format.prepare([bytes, null])).toBeUndefined();
    expect(lookUps()).toEqual(['GET /schemas/ids/1']);
    expect(fake.asked).toContain('POST /subjects/orders-value/versions');
  });

  it('names the field of a value that does not fit', async () => {
    const write = await registryOf()[kind](Order).writer('orders');
    expect(() => write({ id: 'a', amount: 1.5 })).toThrow(/cannot encode: amount is 1.5, but must be/);
    expect(() => write({ id: 7 as unknown as string, amount: 1 })).toThrow(/cannot encode: id is 7/);
  });

  it.each([
    ['nothing', [], /tombstone/],
    ['too few bytes', [0, 0, 1], /3 bytes/],
    ['no magic byte', [123, 34, 97, 34, 125, 1], /begins with byte 123/],
  ])('refuses %s as malformed', async (_, bytes, message) => {
    const format = registryOf()[kind](Order);
    expect(format.prepare([Uint8Array.from(bytes)])).toBeUndefined();
    expect(() => format.decode(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: 'RECORD_MALFORMED', message: expect.stringMatching(message) as string }) as Error,
    );
  });

  it('refuses what is cut off, or followed by more', async () => {
    const registry = registryOf();
    const bytes = (await registry[kind](Order).writer('orders'))(order);
    const format = registry[kind](Order);
    await format.prepare([bytes]);
    const malformed = expect.objectContaining({ code: 'RECORD_MALFORMED' }) as Error;
    expect(() => format.decode(bytes.subarray(0, bytes.length - 1))).toThrow(malformed);
    expect(() => format.decode(Buffer.concat([bytes, Buffer.from([7])]))).toThrow(malformed);
  });

  it('takes bytes that are no Buffer, also in the middle of others', async () => {
    const registry = registryOf();
    const bytes = (await registry[kind](Order).writer('orders'))(order);
    const around = new Uint8Array(bytes.length + 20);
    around.set(bytes, 10);
    expect(await read(registry[kind](Order), around.subarray(10, 10 + bytes.length))).toEqual([order]);
  });
});

describe('a schema id that the registry does not have', () => {
  const unknown = Uint8Array.of(0, 0, 0, 3, 232, 1, 2, 3);

  it('makes the record malformed, and is asked for again with the next records', async () => {
    const format = registryOf().avro(Order);
    await expect(read(format, unknown)).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      message: expect.stringContaining('schema id 1000 is not known') as string,
    });
    await format.prepare([unknown]);
    expect(lookUps()).toHaveLength(2);
    const { schema } = { schema: JSON.stringify(structToAvro(Order, 'Value')) };
    fake.add('late-value', { schema }, 1000);
    const write = await registryOf().avro(Order).writer('late');
    expect(await read(format, write(order))).toEqual([order]);
  });

  it('is no matter of others in the same batch', async () => {
    const registry = registryOf();
    const good = (await registry.avro(Order).writer('orders'))(order);
    const format = registry.avro(Order);
    await format.prepare([unknown, good]);
    expect(format.decode(good)).toEqual(order);
    expect(() => format.decode(unknown)).toThrow(/not known/);
  });
});

describe('a registry that is down', () => {
  it('is asked again until it answers', async () => {
    const registry = registryOf();
    const bytes = (await registry.avro(Order).writer('orders'))(order);
    fake.trouble.push('down', 503, 429, 'down');
    expect(await read(registry.avro(Order), bytes)).toEqual([order]);
    expect(lookUps()).toHaveLength(5);
  });

  it('fails the job, to be tried again, when it is down for too long: no record is given up', async () => {
    const registry = registryOf({ retryFor: '300ms' });
    const bytes = (await registry.avro(Order).writer('orders'))(order);
    fake.trouble.push(...Array.from({ length: 50 }, () => 'down' as const));
    const format = registry.avro(Order);
    await expect(format.prepare([bytes])).rejects.toMatchObject({
      code: 'IO_FAILED',
      retryable: true,
      message: expect.stringMatching(/does not answer.*300 ms \(retryFor\)/) as string,
    });
    fake.trouble.length = 0;
    expect(await read(format, bytes)).toEqual([order]);
  });

  it('which hangs, is given up at the time-out and asked again', async () => {
    const registry = registryOf({ timeout: '200ms' });
    const bytes = (await registry.avro(Order).writer('orders'))(order);
    fake.trouble.push('hangs');
    expect(await read(registry.avro(Order), bytes)).toEqual([order]);
  });

  it('is no longer asked when the source is closed, or the registry', async () => {
    const registry = registryOf();
    const bytes = (await registry.avro(Order).writer('orders'))(order);
    fake.trouble.push(...Array.from({ length: 200 }, () => 'down' as const));
    const source = new AbortController();
    const waiting = registry.avro(Order).prepare([bytes], source.signal);
    source.abort();
    await expect(waiting).rejects.toThrow();
    const other = registry.avro(Order).prepare([bytes]);
    registry.close();
    await expect(other).rejects.toThrow();
    const asked = fake.asked.length;
    expect(asked).toBeLessThan(20);
  });

  it('lets nothing be written meanwhile', async () => {
    const registry = registryOf({ retryFor: '200ms' });
    fake.trouble.push(...Array.from({ length: 50 }, () => 500));
    await expect(registry.avro(Order).writer('orders')).rejects.toMatchObject({ code: 'IO_FAILED', retryable: true });
  });
});

describe('a registry that refuses the user', () => {
  it('fails at once, with what to look at', async () => {
    fake.trouble.push(401);
    await expect(registryOf().avro(Order).writer('orders')).rejects.toMatchObject({
      code: 'IO_FAILED',
      retryable: false,
      message: expect.stringContaining('Check auth of schemaRegistry()') as string,
    });
  });

  it.each([
    [{ username: 'me', password: 'secret' }, `Basic ${Buffer.from('me:secret').toString('base64')}`],
    [{ token: 'abc' }, 'Bearer abc'],
    [{ token: () => 'def' }, 'Bearer def'],
  ])('is told who asks: %j', async (auth, authorization) => {
    await registryOf({ auth, headers: { 'x-tenant': '7' } })
      .avro(Order)
      .writer('orders');
    expect(fake.headers.every((one) => one.authorization === authorization && one['x-tenant'] === '7')).toBe(true);
  });
});

describe('schemas that are forgotten', () => {
  it('are kept as long as records wait for them, however small the cache', async () => {
    const registry = registryOf({ cacheSize: 1 });
    const writers = await Promise.all(
      ['a', 'b', 'c'].map((name) => registry.avro(struct({ id: string(), [name]: int() })).writer(name)),
    );
    const values = writers.map((write, i) => write({ id: String(i), a: 1, b: 2, c: 3 }));
    const format = registry.avro(struct({ id: string() }));
    const batch = [...values, ...values];
    expect(await read(format, ...batch)).toEqual([0, 1, 2, 0, 1, 2].map((i) => ({ id: String(i) })));
    await format.prepare([...values]);
    await format.prepare([...values]);
    for (const value of batch) format.decode(value);
  });
});

describe('the schema that is written with', () => {
  it('is refused before the first record when the policy does not let it be, with subject, reason and cure', async () => {
    const registry = registryOf();
    await registry.avro(Order).writer('orders');
    fake.isCompatible = () => false;
    const Changed = struct({ id: string(), total: int() });
    await expect(registry.avro(Changed).writer('orders')).rejects.toMatchObject({
      code: 'SCHEMA_INVALID',
      fields: expect.objectContaining({ subject: 'orders-value', version: 1 }) as object,
      message: expect.stringMatching(
        /refused for subject 'orders-value' \(.*1\): policy BACKWARD: the new schema cannot .*total.*Nothing was written/s,
      ) as string,
    });
    expect(fake.asked.filter((one) => one === 'POST /subjects/orders-value/versions')).toHaveLength(1);
  });

  it('is refused when it is of another type than the subject', async () => {
    const registry = registryOf();
    await registry.avro(Order).writer('orders');
    await expect(registry.protobuf(Order).writer('orders')).rejects.toThrow(
      /values are AVRO, and the program writes PROTOBUF/,
    );
  });

  it.each(['check', 'never'] as const)("must be there with register: '%s'", async (register) => {
    const registry = registryOf();
    const format = registry.avro(Order, { register });
    await expect(format.writer('orders')).rejects.toMatchObject({ code: 'IO_NOT_FOUND' });
    await registry.avro(Order).writer('orders');
    expect((await format.writer('orders'))(order)).toHaveLength(5 + 2 + 3);
    expect(fake.asked.filter((one) => one === 'POST /subjects/orders-value/versions')).toHaveLength(1);
  });

  it("is held against the policy by register: 'check', not by 'never'", async () => {
    const registry = registryOf();
    await registry.avro(Order).writer('orders');
    fake.isCompatible = () => false;
    const Changed = struct({ id: string() });
    await expect(registry.avro(Changed, { register: 'check' }).writer('orders')).rejects.toThrow(/is refused/);
    await expect(registry.avro(Changed, { register: 'never' }).writer('orders')).rejects.toThrow(/is not registered/);
  });

  it.each([
    [undefined, 'orders-value'],
    ['TopicName', 'orders-value'],
    ['RecordName', 'com.shop.Order'],
    ['TopicRecordName', 'orders-com.shop.Order'],
    [{ subject: 'mine' }, 'mine'],
  ] as const)('goes under the subject of strategy %j: %s', async (subject, expected) => {
    const options = { name: 'com.shop.Order', ...(subject === undefined ? {} : { subject }) };
    await registryOf().avro(Order, options).writer('orders');
    expect(fake.asked.at(-1)).toBe(`POST /subjects/${expected}/versions`);
  });

  it('keeps the numbers of Protobuf fields, and never uses those of fields that are gone', async () => {
    const registry = registryOf();
    const One = struct({ a: string(), b: string(), c: string() });
    const Two = struct({ d: optional(string()), c: string(), a: string() });
    const Three = struct({ b: optional(int()), a: string(), c: string(), d: optional(string()) });
    const old = (await registry.protobuf(One).writer('t'))({ a: 'A', b: 'B', c: 'C' });
    const next = (await registry.protobuf(Two).writer('t'))({ a: 'A', c: 'C', d: 'D' });
    const last = (await registry.protobuf(Three).writer('t'))({ a: 'A', b: 7, c: 'C', d: 'D' });
    // Whatever the order of declaration: `a` has number 1 (tag 0x0a), `c` number 3, `d` 4, the new `b` 5, for 2 is reserved.
    const proto = registry.protobuf(
      `syntax = "proto3"; message Value { string a = 1; string c = 3; string d = 4; int64 b = 5; }`,
    );
    expect(await read(proto, old, next, last)).toEqual([
      { a: 'A', c: 'C', d: '', b: 0 },
      { a: 'A', c: 'C', d: 'D', b: 0 },
      { a: 'A', c: 'C', d: 'D', b: 7 },
    ]);
    expect(await read(registry.protobuf(Two), old, last)).toEqual([
      { c: 'C', a: 'A' },
      { d: 'D', c: 'C', a: 'A' },
    ]);
  });
});

describe('use by hand', () => {
  it('says what to await', async () => {
    const registry = registryOf();
    const bytes = (await registry.avro(Order).writer('orders'))(order);
    const format = registry.avro(Order);
    expect(() => format.decode(bytes)).toThrow(/await prepare/);
    expect(() => format.encode(order)).toThrow(/writer\(topic\)/);
  });

  it('without a schema reads only', async () => {
    const registry = registryOf();
    for (const format of [registry.avro(), registry.protobuf(), registry.jsonSchema()])
      await expect(format.writer('orders')).rejects.toThrow(/reads only/);
  });
});
