import { create, toBinary } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Type as FieldType, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import confluent from '@confluentinc/schemaregistry';
import { schemaRegistry, type RegistryFormat } from '@millrace/registry';
import { boolean, double, int, optional, string, struct } from 'millrace';
import { fakeRegistry } from '../../packages/registry/test/setup/fake-registry.ts';
import { alternate, atLeast, cpuRatio, figuresOf, timeRatio, type Contender } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';

/** Decoding must be so many times as fast as by the registry client's own deserializer. */
const RATIO = 10;

const Order = struct({
  order_id: string(),
  category: string(),
  quantity: int(),
  price: double(),
  paid: boolean(),
  at: int(),
  note: optional(string()),
});

const TYPES: Readonly<Record<string, FieldType>> = {
  string: FieldType.STRING,
  int: FieldType.INT64,
  double: FieldType.DOUBLE,
  boolean: FieldType.BOOL,
};

const order = (i: number) => ({
  order_id: `order-${i}`,
  category: 'books',
  quantity: i % 100,
  price: 12.5,
  paid: true,
  at: 1_709_208_000_000 + i,
  note: 'as a present',
});

/** What every way of decoding has in common: the sum of the quantities. */
type Row = { readonly quantity: number | bigint };

interface Deserializer {
  deserialize(topic: string, bytes: Buffer): Promise<unknown>;
}

async function theirs(topic: string, by: Deserializer, values: readonly Uint8Array[], repeat: number): Promise<string> {
  let sum = 0;
  for (let round = 0; round < repeat; round++)
    for (const bytes of values) sum += Number(((await by.deserialize(topic, bytes as Buffer)) as Row).quantity);
  return String(sum);
}

function ours<T extends Row>(format: RegistryFormat<T>, values: readonly Uint8Array[], repeat: number): string {
  let sum = 0;
  for (let round = 0; round < repeat; round++) for (const bytes of values) sum += Number(format.decode(bytes).quantity);
  return String(sum);
}

/** The .proto file of the struct as the client asks for it: a descriptor, in base64. */
function serializedProto(): string {
  const field = Order.definition.fields.map(({ name, schema }, i) => {
    const kind = schema.kind === 'optional' ? schema.item.kind : schema.kind;
    return { name, jsonName: name, number: i + 1, type: TYPES[kind] ?? FieldType.STRING };
  });
  const file = { name: 'order.proto', syntax: 'proto3', messageType: [{ name: 'Value', field }] };
  return Buffer.from(toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, file))).toString('base64');
}

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  const fake = await fakeRegistry();
  const registry = schemaRegistry({ url: fake.url });
  const client = confluent.SchemaRegistryClient.newClient({ baseURLs: [fake.url] });
  const { AvroDeserializer, JsonDeserializer, ProtobufDeserializer, SerdeType } = confluent;
  const count = 1_000;
  const repeat = quick ? 40 : 100;
  const kinds = [
    { name: 'Avro', format: registry.avro(Order), by: new AvroDeserializer(client, SerdeType.VALUE, {}), bar: true },
    {
      name: 'Protobuf',
      format: registry.protobuf(Order),
      by: new ProtobufDeserializer(client, SerdeType.VALUE, {}),
      bar: true,
    },
    {
      name: 'JSON',
      format: registry.jsonSchema(Order),
      by: new JsonDeserializer(client, SerdeType.VALUE, {}),
      bar: false,
    },
  ];
  const results: CaseResult[] = [];
  try {
    for (const { name, format, by, bar } of kinds) {
      const write = await format.writer(name);
      const values = Array.from({ length: count }, (_, i) => write(order(i)));
      const id = Buffer.from(values[0] ?? []).readUInt32BE(1);
      if (name === 'Protobuf') fake.serialized.set(id, serializedProto());
      await format.prepare(values);
      const contenders: Contender[] = [
        { name: `${name}: millrace`, run: () => ours(format, values, repeat) },
        { name: `${name}: client's own`, run: () => theirs(name, by, values, repeat) },
      ];
      const measured = await alternate(contenders, rounds);
      const [mine, other] = contenders.map((one) => one.name) as [string, string];
      const ratio = cpuRatio(measured, other, mine);
      const encoding = encodeMicroseconds(write, count * repeat);
      results.push({
        name,
        figures: figuresOf(measured, count * repeat),
        bars: bar ? [atLeast(`${name}: decoding against the client's own, by CPU time`, ratio, RATIO)] : [],
        notes: [
          `${name}: decoding against the client's own ${ratio.toFixed(1)} x by CPU time, ` +
            `${timeRatio(measured, other, mine).toFixed(1)} x by the wall clock; encoding ${encoding.toFixed(2)} us a value`,
        ],
        wrong: measured.wrong,
      });
    }
  } finally {
    await fake.stop();
  }
  return {
    name: 'registry',
    figures: results.flatMap(({ figures }) => figures),
    bars: results.flatMap(({ bars }) => bars),
    notes: results.flatMap(({ notes }) => notes),
    wrong: results.flatMap(({ wrong }) => wrong),
  };
}

function encodeMicroseconds(write: (value: ReturnType<typeof order>) => Uint8Array, values: number): number {
  const started = performance.now();
  let bytes = 0;
  for (let i = 0; i < values; i++) bytes += write(order(i)).length;
  return bytes === 0 ? NaN : ((performance.now() - started) / values) * 1_000;
}

export const registryCase: BenchCase = {
  name: 'registry',
  about: "decoding values of a schema registry against the registry client's own deserializers",
  run,
};
