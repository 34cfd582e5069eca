/** Rows as Debezium writes them through Confluent's Avro converter. */
import { decimal, int, json, optional, string, struct, timestamp, type Schema } from 'millrace';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { schemaRegistry } from '../../src/index.ts';
import { fakeRegistry, type FakeRegistry } from '../setup/fake-registry.ts';

let fake: FakeRegistry;
let schemas = 0;
beforeEach(async () => {
  fake = await fakeRegistry();
});
afterEach(() => fake.stop());

const DECIMAL = { type: 'bytes', logicalType: 'decimal', 'connect.name': 'org.apache.kafka.connect.data.Decimal' };
const VARIABLE = {
  ...{ type: 'record', name: 'VariableScaleDecimal', namespace: 'io.debezium.data' },
  fields: [
    { name: 'scale', type: 'int' },
    { name: 'value', type: 'bytes' },
  ],
  'connect.name': 'io.debezium.data.VariableScaleDecimal',
};
const ZONED = { type: 'string', 'connect.version': 1, 'connect.name': 'io.debezium.time.ZonedTimestamp' };
const long = (name: string): object => ({ type: 'long', 'connect.version': 1, 'connect.name': name });

/** Text is read by a string schema, bytes of a zigzag long by a long one: each row has the one field `x`. */
async function rowOf<T>(row: Schema<T>, type: unknown, x: readonly number[]): Promise<T> {
  const id = ++schemas;
  const schema = JSON.stringify({
    type: 'record',
    name: `Value${id}`,
    namespace: 'shop.t',
    fields: [{ name: 'x', type }],
  });
  fake.add('rows-value', { schema }, id);
  const format = schemaRegistry({ url: fake.url }).avro(row);
  const bytes = Uint8Array.of(0, 0, 0, 0, id, ...x);
  await format.prepare([bytes]);
  return format.decode(bytes);
}

const textBytes = (text: string): number[] => [text.length * 2, ...new TextEncoder().encode(text)];

function zigzag(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value < 0n ? -value * 2n - 1n : value * 2n;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

describe('decimals', () => {
  const Price = struct({ x: decimal(10, 2) });
  const bytes = (...unscaled: number[]): number[] => [unscaled.length * 2, ...unscaled];

  it("are those of Avro's logical type, of whatever precision the converter makes up", async () => {
    expect(await rowOf(Price, { ...DECIMAL, precision: 64, scale: 2 }, bytes(0x04, 0xce))).toEqual({ x: 1230 });
    expect(await rowOf(Price, { ...DECIMAL, precision: 64, scale: 1 }, bytes(0x7b))).toEqual({ x: 1230 });
  });

  it.each([
    ['12.3', 1, [0x7b], 1230],
    ['12.3000', 4, [0x01, 0xe0, 0x78], 1230],
    ['-1', 0, [0xff], -100],
    ['500', -2, [0x05], 50_000],
    ['0', 9, [0x00], 0],
  ])('without a scale of their own carry it: %s', async (_, scale, unscaled, x) => {
    const value = [...zigzag(BigInt(scale)), ...bytes(...unscaled)];
    expect(await rowOf(Price, VARIABLE, value)).toEqual({ x });
    expect(await rowOf(struct({ x: optional(decimal(10, 2)) }), ['null', VARIABLE], [2, ...value])).toEqual({ x });
    expect(await rowOf(struct({ x: decimal(30, 2) }), VARIABLE, value)).toEqual({ x: BigInt(x) });
  });

  it.each([
    ['would be rounded', 3, [0x7b]],
    ['have too many digits', 2, [0x02, 0x54, 0x0b, 0xe4, 0x00]],
    ['have no bytes', 2, []],
  ])('without a scale of their own that %s are malformed', async (_, scale, unscaled) => {
    await expect(rowOf(Price, VARIABLE, [...zigzag(BigInt(scale)), ...bytes(...unscaled)])).rejects.toMatchObject({
      code: 'RECORD_MALFORMED',
      fields: { path: 'x' },
    });
  });
});

describe('timestamps', () => {
  const Row = struct({ x: timestamp() });

  it.each([
    ['io.debezium.time.Timestamp', 1_700_000_000_123n, 1_700_000_000_123],
    ['io.debezium.time.MicroTimestamp', 1_700_000_000_123_456n, 1_700_000_000_123],
    ['io.debezium.time.MicroTimestamp', -1n, -1],
  ])('of type %s are milliseconds', async (name, written, x) => {
    expect(await rowOf(Row, long(name), zigzag(written))).toEqual({ x });
  });

  it.each([
    ['2023-11-14T22:13:20Z', 1_700_000_000_000],
    ['2023-11-14T22:13:20.123456Z', 1_700_000_000_123],
    ['2023-11-14T23:13:20.123456789+01:00', 1_700_000_000_123],
  ])('with a zone are text: %s', async (text, x) => {
    expect(await rowOf(Row, ZONED, textBytes(text))).toEqual({ x });
    expect(await rowOf(struct({ x: string() }), ZONED, textBytes(text))).toEqual({ x: text });
  });

  it('are no other text, and no dates', async () => {
    await expect(rowOf(Row, ZONED, textBytes('yesterday'))).rejects.toMatchObject({ fields: { path: 'x' } });
    await expect(rowOf(Row, 'string', textBytes('2023-11-14T22:13:20Z'))).rejects.toThrow(/not read as timestamp/);
    const days = { type: 'int', 'connect.name': 'io.debezium.time.Date' };
    await expect(rowOf(Row, days, zigzag(19_000n))).rejects.toThrow(/not read as timestamp/);
    expect(await rowOf(struct({ x: int() }), days, zigzag(19_000n))).toEqual({ x: 19_000 });
  });
});

it('text that is named JSON is parsed where json() is asked for', async () => {
  const column = { type: 'string', 'connect.name': 'io.debezium.data.Json' };
  expect(await rowOf(struct({ x: json() }), column, textBytes('{"a":1}'))).toEqual({ x: { a: 1 } });
});
