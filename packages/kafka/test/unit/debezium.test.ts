import { decimal, int, optional, string, struct } from 'millrace';
import { describe, expect, it } from 'vitest';
import { kafka, type DebeziumEnvelope, type Format } from '../../src/index.ts';
import type { Schema } from 'millrace';

const Customer = struct({ id: int(), email: string(), balance: decimal(10, 2), note: optional(string()) });

const before = { id: 1, email: 'a@example.com', balance: 12.3, note: null };
const after = { ...before, email: 'b@example.com' };
const [rowBefore, rowAfter] = ['a@example.com', 'b@example.com'].map((email) => ({ id: 1, email, balance: 1230 }));

/** As the connector for PostgreSQL writes it. */
const postgres = {
  version: '3.2.0.Final',
  connector: 'postgresql',
  name: 'shop',
  ts_ms: 1_700_000_000_123,
  snapshot: 'false',
  db: 'shop',
  sequence: '["24023119","24023128"]',
  ts_us: 1_700_000_000_123_456,
  schema: 'public',
  table: 'customers',
  txId: 555,
  lsn: 24_023_128,
  xmin: null,
};

const envelope = (op: string, rows: object, rest: object = {}) => ({
  source: postgres,
  op,
  ts_ms: 1_700_000_000_200,
  transaction: null,
  ...rows,
  ...rest,
});

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const read = (value: unknown) => kafka.debezium(Customer).decode(bytesOf(value));

const common = {
  source: {
    connector: 'postgresql',
    db: 'shop',
    schema: 'public',
    table: 'customers',
    position: '24023128',
    raw: postgres,
  },
  transactionId: '555',
  timestamp: 1_700_000_000_123,
};

describe("Debezium's envelope in JSON", () => {
  it.each([
    ['insert', 'c', { before: null, after }, { before: undefined, after: rowAfter }],
    ['snapshot', 'r', { before: null, after }, { before: undefined, after: rowAfter }],
    ['update', 'u', { before, after }, { before: rowBefore, after: rowAfter }],
    ['update', 'u', { before: null, after }, { before: undefined, after: rowAfter }],
    ['delete', 'd', { before, after: null }, { before: rowBefore, after: undefined }],
    ['truncate', 't', {}, { before: undefined, after: undefined }],
  ])('gives an %s of op %s', (op, code, rows, expected) => {
    expect(read(envelope(code, rows))).toEqual({ op, ...expected, ...common });
  });

  it('gives the same with the schema part, which the converter writes by default', () => {
    const payload = envelope('u', { before, after });
    expect(read({ schema: { type: 'struct', fields: [] }, payload })).toEqual(read(payload));
  });

  it('gives the id of a transaction that spans tables, if the connector tells it', () => {
    const transaction = { id: '571:53195832', total_order: 1, data_collection_order: 1 };
    expect(read(envelope('c', { after }, { transaction }))).toMatchObject({ transactionId: '571:53195832' });
  });

  it.each([
    ['aGVsbG8=', 'hello'],
    ['', ''],
  ])('gives a message that a program wrote into the log: %s', (content, text) => {
    const source = { ...postgres, schema: '', table: '' };
    expect(read(envelope('m', { message: { prefix: 'orders', content } }, { source }))).toEqual({
      ...common,
      op: 'message',
      before: undefined,
      after: undefined,
      prefix: 'orders',
      content: new TextEncoder().encode(text),
      source: { ...common.source, schema: '', table: '', raw: source },
    });
  });

  it('tells tombstones', () => {
    expect(kafka.debezium(Customer).decode(new Uint8Array(0))).toEqual({ op: 'tombstone' });
  });

  it.each([
    [
      'MySQL',
      { connector: 'mysql', db: 'shop', table: 't', file: 'bin.000003', pos: 154, row: 2, gtid: null },
      'bin.000003:154:2',
    ],
    [
      'SQL Server',
      {
        connector: 'sqlserver',
        db: 'shop',
        schema: 'dbo',
        table: 't',
        commit_lsn: '1:2',
        change_lsn: '1:1',
        event_serial_no: 1,
      },
      '1:2:1:1:1',
    ],
    [
      'Oracle',
      { connector: 'oracle', db: 'X', schema: 'S', table: 't', commit_scn: '99', scn: '98', rs_id: '', ssn: 0 },
      '99:98:0',
    ],
    ['MongoDB', { connector: 'mongodb', db: 'shop', collection: 't', ts_ms: 5, ord: 3 }, '5:3'],
  ])('tells the position in the log of %s', (_, source, position) => {
    expect(read(envelope('c', { after }, { source }))).toMatchObject({ source: { table: 't', position } });
  });

  it('takes the time at which the connector saw a change whose own is not known', () => {
    expect(read(envelope('r', { after }, { source: { ...postgres, ts_ms: 0 } }))).toMatchObject({
      timestamp: 1_700_000_000_200,
    });
  });

  it('has rows of any kind without a schema', () => {
    expect(kafka.debezium().decode(bytesOf(envelope('c', { after })))).toMatchObject({ op: 'insert', after });
  });

  it.each([
    ['op', envelope('x', { after })],
    ['after', envelope('c', { before, after: null })],
    ['after.email', envelope('c', { after: { ...after, email: 7 } })],
    ['before.id', envelope('d', { before: { ...before, id: 'x' } })],
    ['payload.after.email', { schema: null, payload: envelope('c', { after: { ...after, email: 7 } }) }],
    ['source', envelope('c', { after }, { source: null })],
    ['source.db', envelope('c', { after }, { source: { ...postgres, db: undefined } })],
    ['source', envelope('c', { after }, { source: { connector: 'c', db: 'd', table: 't' } })],
    ['ts_ms', envelope('c', { after }, { source: { ...postgres, ts_ms: 0 }, ts_ms: null })],
    ['op', { id: 1 }],
    ['payload.op', { schema: null, payload: { id: 1 } }],
    ['message', envelope('m', {})],
    ['message.prefix', envelope('m', { message: { content: '' } })],
    ['message.content', envelope('m', { message: { prefix: 'p' } })],
  ])('that is none is malformed, with the field: %s', (path, value) => {
    expect(() => read(value)).toThrow(
      expect.objectContaining({
        code: 'RECORD_MALFORMED',
        fields: expect.objectContaining({ path }) as object,
      }) as Error,
    );
  });

  it('that ExtractNewRecordState flattened is told from one', () => {
    expect(() => read({ id: 1, email: 'a' })).toThrow(/op is missing.*kafka\.json\(row\)/);
  });

  it.each(['{', '"text"', 'null'])('that is no object is malformed: %s', (text) => {
    expect(() => kafka.debezium(Customer).decode(new TextEncoder().encode(text))).toThrow(
      expect.objectContaining({ code: 'RECORD_MALFORMED' }) as Error,
    );
  });

  it('is read only', () => {
    expect(() => kafka.debezium(Customer).encode({ op: 'tombstone', before: undefined, after: undefined })).toThrow(
      /reads only/,
    );
    expect(() => kafka.debezium('x' as unknown as Schema<unknown>)).toThrow(/row of kafka.debezium\(\)/);
    expect(() => kafka.debezium(Customer, 7 as never)).toThrow(/through of kafka.debezium\(\)/);
  });
});

describe("Debezium's envelope by another format", () => {
  it('is decoded by it, and what that must wait for is awaited', async () => {
    const prepared: unknown[] = [];
    const through = <T>(schema: Schema<DebeziumEnvelope<T>>): Format<DebeziumEnvelope<T>> => ({
      ...kafka.json(schema),
      prepare: (values) => {
        prepared.push(...values);
        return Promise.resolve();
      },
    });
    const format = kafka.debezium(Customer, through);
    const bytes = bytesOf(envelope('c', { after }));
    await format.prepare?.([bytes], new AbortController().signal);
    expect(prepared).toEqual([bytes]);
    expect(format.decode(bytes)).toMatchObject({ op: 'insert', after: rowAfter });
    expect('prepare' in kafka.debezium(Customer)).toBe(false);
  });
});
