/** How Debezium and Connect write values in JSON, and what is read of it. */
import { array, decimal, int, json, optional, string, struct, timestamp, type Schema } from 'millrace';
import { describe, expect, it } from 'vitest';
import { kafka, type DebeziumOptions } from '../../src/index.ts';

const SOURCE = { connector: 'postgresql', db: 'shop', schema: 'public', table: 't', lsn: 1, ts_ms: 5 };

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Base64 of a big-endian two's complement, as Java writes it. */
const base64 = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');

/** The schema part of an envelope whose row has these fields. */
const schemaOf = (fields: readonly object[]): object => ({
  type: 'struct',
  name: 'shop.public.t.Envelope',
  fields: ['before', 'after'].map((field) => ({ type: 'struct', name: 'shop.public.t.Value', fields, field })),
});

function rowOf<T>(
  row: Schema<T> | undefined,
  after: unknown,
  fields?: readonly object[],
  options?: DebeziumOptions<T>,
) {
  const payload = { op: 'c', source: SOURCE, after };
  const change = kafka.debezium(row, options).decode(bytesOf(fields ? { schema: schemaOf(fields), payload } : payload));
  return change.after;
}

const decimalField = (field: string, scale: number): object => ({
  ...{ type: 'bytes', name: 'org.apache.kafka.connect.data.Decimal', version: 1, field },
  parameters: { scale: String(scale), 'connect.decimal.precision': '10' },
});
const int64 = (field: string, name?: string): object => ({
  type: 'int64',
  field,
  ...(name === undefined ? {} : { name }),
});

describe('decimals of decimal.handling.mode=precise', () => {
  const Price = struct({ price: decimal(10, 2) });
  const Big = struct({ price: decimal(38, 4) });

  it.each([
    ['12.30', [0x04, 0xce], 1230],
    ['-12.30', [0xfb, 0x32], -1230],
    ['0.00', [0x00], 0],
    ['-0.01', [0xff], -1],
    ['2.00, with a leading zero byte', [0x00, 0xc8], 200],
    ['99999999.99', [0x02, 0x54, 0x0b, 0xe3, 0xff], 9_999_999_999],
  ])('%s', (_, bytes, price) => {
    expect(rowOf(Price, { price: base64(...bytes) }, [decimalField('price', 2)])).toEqual({ price });
    expect(rowOf(Price, { price: base64(...bytes) }, undefined, { decimals: 'base64' })).toEqual({ price });
  });

  it('are exact with more digits than a number has', () => {
    const unscaled = 123_456_789_012_345_678_901_234_567n;
    const hex = unscaled.toString(16).padStart(24, '0');
    const price = Buffer.from(hex, 'hex').toString('base64');
    expect(rowOf(Big, { price }, [decimalField('price', 4)])).toEqual({ price: unscaled });
    expect(rowOf(Big, { price }, [decimalField('price', 2)])).toEqual({ price: unscaled * 100n });
  });

  it('come with fewer decimals than the schema has, and with more where those are zeros', () => {
    expect(rowOf(Price, { price: base64(0x7b) }, [decimalField('price', 1)])).toEqual({ price: 1230 });
    expect(rowOf(Price, { price: base64(0x30, 0x0c) }, [decimalField('price', 3)])).toEqual({ price: 1230 });
    expect(rowOf(Price, { price: base64(0x05) }, [decimalField('price', -2)])).toEqual({ price: 50_000 });
  });

  it('of columns without a scale carry it themselves', () => {
    const price = { scale: 1, value: base64(0x7b) };
    expect(rowOf(Price, { price })).toEqual({ price: 1230 });
    expect(
      rowOf(Price, { price }, [{ type: 'struct', name: 'io.debezium.data.VariableScaleDecimal', field: 'price' }]),
    ).toEqual({ price: 1230 });
  });

  it.each([
    ['would be rounded', base64(0x30, 0x0d), [decimalField('price', 3)]],
    ['has too many digits', base64(0x02, 0x54, 0x0b, 0xe4, 0x00), [decimalField('price', 2)]],
    ['is no base64', '12.30', [decimalField('price', 2)]],
    ['is empty', '', [decimalField('price', 2)]],
    ['has no scale', base64(1), [{ ...decimalField('price', 2), parameters: {} }]],
  ])('that %s is malformed, with its field', (_, price, fields) => {
    expect(() => rowOf(Price, { price }, fields)).toThrow(
      expect.objectContaining({ code: 'RECORD_MALFORMED', fields: { path: 'payload.after.price' } }) as Error,
    );
  });

  it('are text without a schema of the row', () => {
    expect(rowOf(undefined, { price: base64(0x04, 0xce), n: 1 }, [decimalField('price', 2), int64('n')])).toEqual({
      price: '12.30',
      n: 1,
    });
  });

  it('of mode string are read as they stand', () => {
    expect(rowOf(Price, { price: '12.30' })).toEqual({ price: 1230 });
    expect(rowOf(Price, { price: '12.3' }, [{ type: 'string', field: 'price' }])).toEqual({ price: 1230 });
    expect(rowOf(Big, { price: '-0.0001' })).toEqual({ price: -1n });
    expect(() => rowOf(Price, { price: 'BM4=' })).toThrow(/after\.price/);
  });

  it('stand inside of arrays and structs, too', () => {
    const Row = struct({ inner: optional(struct({ prices: array(decimal(10, 2)) })) });
    const prices = { type: 'array', items: decimalField('', 2), field: 'prices' };
    const fields = [{ type: 'struct', fields: [prices], field: 'inner' }];
    expect(rowOf(Row, { inner: { prices: [base64(1), base64(2)] } }, fields)).toEqual({ inner: { prices: [1, 2] } });
    expect(rowOf(Row, { inner: null }, fields)).toEqual({});
  });
});

describe('timestamps', () => {
  const Row = struct({ at: timestamp() });

  it.each([
    ['io.debezium.time.Timestamp', 1_700_000_000_123, 1_700_000_000_123],
    ['org.apache.kafka.connect.data.Timestamp', 1_700_000_000_123, 1_700_000_000_123],
    ['io.debezium.time.MicroTimestamp', 1_700_000_000_123_456, 1_700_000_000_123],
    ['io.debezium.time.MicroTimestamp', -1, -1],
    ['io.debezium.time.NanoTimestamp', 1_700_000_000_123_456_000, 1_700_000_000_123],
    ['io.debezium.time.NanoTimestamp', 1_700_000_000_129_000_000, 1_700_000_000_129],
  ])('of type %s are milliseconds', (name, written, at) => {
    expect(rowOf(Row, { at: written }, [int64('at', name)])).toEqual({ at });
    expect(rowOf(undefined, { at: written }, [int64('at', name)])).toEqual({ at });
  });

  it('with a zone are text with up to nine decimals', () => {
    expect(rowOf(Row, { at: '2023-11-14T22:13:20.123456Z' })).toEqual({ at: 1_700_000_000_123 });
    expect(rowOf(Row, { at: '2023-11-14T23:13:20.123456789+01:00' })).toEqual({ at: 1_700_000_000_123 });
  });

  it.each(['io.debezium.time.Date', 'io.debezium.time.MicroTime', 'org.apache.kafka.connect.data.Date'])(
    'are not of type %s',
    (name) => {
      expect(() => rowOf(Row, { at: 19_000 }, [int64('at', name)])).toThrow(/no point in time/);
      expect(rowOf(struct({ at: int() }), { at: 19_000 }, [int64('at', name)])).toEqual({ at: 19_000 });
    },
  );
});

describe('JSON', () => {
  const fields = [{ type: 'string', name: 'io.debezium.data.Json', field: 'doc' }];

  it('in a column is parsed where json() is asked for, and text where string() is', () => {
    expect(rowOf(struct({ doc: json() }), { doc: '{"a":1}' }, fields)).toEqual({ doc: { a: 1 } });
    expect(rowOf(struct({ doc: string() }), { doc: '{"a":1}' }, fields)).toEqual({ doc: '{"a":1}' });
    expect(() => rowOf(struct({ doc: json() }), { doc: '{' }, fields)).toThrow(/payload\.after\.doc/);
  });

  it('is what a document of MongoDB is: text', () => {
    const Customer = struct({ _id: int(), email: string() });
    expect(rowOf(Customer, '{"_id":1,"email":"a","other":true}')).toEqual({ _id: 1, email: 'a' });
    expect(() => rowOf(Customer, 'no document')).toThrow(/after is text that is no JSON/);
  });
});

it('keys named like what every object has are fields like others', () => {
  const Row = struct({ constructor: string() });
  expect(rowOf(Row, { constructor: 'x' })).toEqual({ constructor: 'x' });
  expect(() => rowOf(Row, {})).toThrow(/after\.constructor/);
});

it.each([
  [{ decimals: 'hex' }, /decimals of kafka.debezium\(\)/],
  [{ decimal: 'text' }, /decimal of kafka.debezium\(\)/],
  [{ through: 1 }, /through of kafka.debezium\(\)/],
])('options that are none are refused: %o', (options, message) => {
  expect(() => kafka.debezium(undefined, options as never)).toThrow(message);
});
