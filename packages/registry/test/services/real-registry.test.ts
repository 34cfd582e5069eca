import confluent from '@confluentinc/schemaregistry';
import { array, boolean, decimal, double, int, optional, string, struct, timestamp } from 'millrace';
import { expect, it } from 'vitest';
import { schemaRegistry, type RegistryFormat } from '../../src/index.ts';
import { uniqueTopic, url, withRegistry } from '../setup/with-registry.ts';

const fields = {
  id: string(),
  amount: decimal(10, 2),
  wei: decimal(38, 18),
  quantity: int(),
  price: double(),
  paid: boolean(),
  at: timestamp(),
  tags: array(string()),
  lines: array(struct({ sku: string(), at: optional(timestamp()) })),
  note: optional(string()),
};
const Order = struct(fields);
const order = {
  id: 'o-1',
  amount: -1230,
  wei: 12345678901234567890123n,
  quantity: 2 ** 53 - 1,
  price: 1.5,
  paid: true,
  at: 1_709_208_000_123,
  tags: ['a', 'b'],
  lines: [{ sku: 'x', at: 1 }, { sku: 'y' }],
};

const KINDS = ['avro', 'protobuf', 'jsonSchema'] as const;

const registry = schemaRegistry({ url });

async function read<T>(format: RegistryFormat<T>, bytes: Uint8Array): Promise<T> {
  await format.prepare([bytes]);
  return format.decode(bytes);
}

withRegistry('a real registry', () => {
  it.each(KINDS)('takes the schema of a struct by %s, once, and gives it back by its id', async (kind) => {
    const topic = uniqueTopic(kind);
    const options = { name: 'com.shop.Order' };
    const first = (await registry[kind](Order, options).writer(topic))(order);
    const again = (await schemaRegistry({ url })[kind](Order, options).writer(topic))(order);
    expect(again).toEqual(first);
    expect(await read(schemaRegistry({ url })[kind](Order), first)).toStrictEqual(order);
  });

  it.each(KINDS)(
    'lets fields be added and left out by %s if they are optional: old and new read each other',
    async (kind) => {
      const topic = uniqueTopic(kind);
      const { note: _, ...others } = fields;
      const Younger = struct({ ...others, coupon: optional(string()) });
      const old = (await registry[kind](Order).writer(topic))({ ...order, note: 'n' });
      // Apicurio takes a Protobuf field, or a property of a closed object, that is gone for a break; there the new one only adds.
      const Next = kind !== 'avro' ? struct({ ...fields, coupon: optional(string()) }) : Younger;
      const young = (await registry[kind](Next).writer(topic))({ ...order, coupon: 'c' });
      expect(young.subarray(0, 5)).not.toEqual(old.subarray(0, 5));
      expect(await read(registry[kind](Order), young)).toStrictEqual(order);
      expect(await read(registry[kind](Younger), old)).toStrictEqual(order);
      expect(await read(registry[kind](Younger), young)).toStrictEqual({ ...order, coupon: 'c' });
    },
  );

  it.each(KINDS)('refuses a change by %s that breaks readers, and says why and what to do', async (kind) => {
    const topic = uniqueTopic(kind);
    await registry[kind](Order).writer(topic);
    const Changed = struct({ ...fields, id: int() });
    for (const register of ['auto', 'check'] as const)
      await expect(registry[kind](Changed, { register }).writer(topic)).rejects.toMatchObject({
        code: 'SCHEMA_INVALID',
        message: expect.stringMatching(
          `refused for subject '${topic}-value' .*policy BACKWARD: .*Nothing was written`,
        ) as string,
        fields: expect.objectContaining({ subject: `${topic}-value`, version: 1 }) as object,
      });
    // The old one still is the newest.
    await expect(registry[kind](Order, { register: 'never' }).writer(topic)).resolves.toBeDefined();
  });

  it('does not have an id: the record is malformed', async () => {
    await expect(read(registry.avro(Order), Uint8Array.of(0, 0, 9, 9, 9, 1))).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
    });
  });

  it('knows schemas that refer to others', async () => {
    const [topic, line] = [uniqueTopic('refers'), uniqueTopic('line')];
    const Line = { type: 'record', name: 'Line', namespace: 'shop', fields: [{ name: 'sku', type: 'string' }] };
    const OrderSchema = {
      type: 'record',
      name: 'Order',
      namespace: 'shop',
      fields: [{ name: 'lines', type: { type: 'array', items: 'shop.Line' } }],
    };
    await registry.avro(Line).writer(line);
    const references = [{ name: 'shop.Line', subject: `${line}-value`, version: 1 }];
    const format = registry.avro(OrderSchema, { references });
    const bytes = (await format.writer(topic))({ lines: [{ sku: 'a' }] });
    expect(await read(format, bytes)).toEqual({ lines: [{ sku: 'a' }] });
    expect(
      await read(schemaRegistry({ url }).avro(struct({ lines: array(struct({ sku: string() })) })), bytes),
    ).toEqual({
      lines: [{ sku: 'a' }],
    });
  });
});

withRegistry("the registry client's own serializers", () => {
  const client = confluent.SchemaRegistryClient.newClient({ baseURLs: [url] });
  const { SerdeType } = confluent;

  it('read what is written here by Avro, and write what is read here', async () => {
    const topic = uniqueTopic('interop');
    const Small = struct({ id: string(), quantity: int(), note: optional(string()) });
    const bytes = (await registry.avro(Small, { name: 'shop.Small' }).writer(topic))({ id: 'a', quantity: 7 });
    const theirs = new confluent.AvroDeserializer(client, SerdeType.VALUE, {});
    const value: unknown = await theirs.deserialize(topic, Buffer.from(bytes));
    expect({ ...(value as object) }).toEqual({ id: 'a', quantity: 7, note: null });
    const serializer = new confluent.AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
    const written: Buffer = await serializer.serialize(topic, { id: 'b', quantity: -1, note: 'n' });
    expect(await read(registry.avro(Small), written)).toEqual({ id: 'b', quantity: -1, note: 'n' });
  });

  it('read what is written here by JSON Schema, and write what is read here', async () => {
    const topic = uniqueTopic('interop-json');
    const Small = struct({ id: string(), quantity: int() });
    const bytes = (await registry.jsonSchema(Small).writer(topic))({ id: 'a', quantity: 7 });
    const theirs = new confluent.JsonDeserializer(client, SerdeType.VALUE, { validate: true });
    expect(await theirs.deserialize(topic, Buffer.from(bytes))).toEqual({ id: 'a', quantity: 7 });
    const serializer = new confluent.JsonSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
    const written: Buffer = await serializer.serialize(topic, { id: 'b', quantity: -1 });
    expect(await read(registry.jsonSchema(Small), written)).toEqual({ id: 'b', quantity: -1 });
  });
});
