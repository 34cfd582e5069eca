import {
  dataflow,
  deadLetter,
  int,
  memory,
  memorySink,
  MillraceError,
  optional,
  silentLogger,
  string,
  struct,
  type ErrorPolicy,
  type Schema,
} from 'millrace';
import { directory } from 'millrace/node';
import { schemaRegistry, structToAvro } from '@millrace/registry';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { missingServer } from '../../../../scripts/services/missing-server.mjs';
import { missing, start } from '../../../../scripts/services/registry.mjs';
import { withServer } from '../../../../scripts/with-server.mjs';
import { kafka, type DebeziumChange, type Format } from '../../src/index.ts';
import { bootstrap, newFolder, newTopic, produce, uniqueName, withBroker } from '../setup/fixture.ts';

const withRegistry = withServer(missingServer('a schema registry', missing()));

const Order = struct({ id: string(), quantity: int() });
const orders = Array.from({ length: 500 }, (_, i) => ({ id: `o-${i}`, quantity: i }));

const job = () => kafka.solo({ bootstrap, checkpoints: directory(newFolder()), logger: silentLogger });

async function write<T>(rows: readonly T[], topic: string, format: Format<T>): Promise<void> {
  const flow = dataflow(uniqueName('writes'));
  flow.from('rows', memory(rows)).to('topic', kafka.sink<T>(topic, { format }));
  const handle = await flow.run(job());
  await handle.done;
}

async function read<T>(topic: string, format: Format<T>, onError: ErrorPolicy = 'fail'): Promise<T[]> {
  const sink = memorySink<T>();
  const flow = dataflow(uniqueName('reads'));
  flow.from('topic', kafka.topic(topic, { bootstrap, until: 'end', format, onError })).to('rows', sink);
  const handle = await flow.run({ logger: silentLogger });
  await handle.done;
  return [...sink.rows];
}

withBroker('values in a schema registry', () => {
  withRegistry('that is a real one', () => {
    let url = '';
    let stop = (): Promise<void> => Promise.resolve();
    beforeAll(async () => {
      ({ url, stop } = await start());
    });
    afterAll(() => stop());

    it.each(['avro', 'protobuf', 'jsonSchema'] as const)('go through a topic by %s, exactly once', async (kind) => {
      const topic = await newTopic(kind);
      await write(orders, topic, schemaRegistry({ url })[kind](Order, { name: 'com.shop.Order' }));
      expect(await read(topic, schemaRegistry({ url })[kind](Order))).toEqual(orders);
      expect(await read(topic, kafka.bytes())).toHaveLength(orders.length);
    });

    it('are refused before the first record by a change that breaks readers, who keep running', async () => {
      const topic = await newTopic('changes');
      const registry = schemaRegistry({ url });
      const sink = memorySink<unknown>();
      await write(orders.slice(0, 10), topic, registry.avro(Order));
      const flow = dataflow(uniqueName('keeps-reading'));
      flow.from('topic', kafka.topic(topic, { bootstrap, format: registry.avro(Order) })).to('rows', sink);
      const reading = await flow.run({ logger: silentLogger });

      const Broken = struct({ id: int(), quantity: int() });
      const attempt = write([{ id: 1, quantity: 1 }], topic, registry.avro(Broken));
      await expect(attempt).rejects.toSatisfy((error) => {
        const found = error instanceof MillraceError && error.code === 'SCHEMA_INVALID' ? error : undefined;
        return found?.message.includes(`refused for subject '${topic}-value'`) === true;
      });
      expect(await read(topic, kafka.bytes())).toHaveLength(10);
      const Younger = struct({ coupon: optional(string()), id: string(), quantity: int() });
      await write([{ id: 'young', quantity: 1, coupon: 'c' }], topic, registry.avro(Younger));

      await expect.poll(() => sink.rows.length, { timeout: 60_000 }).toBe(11);
      expect(sink.rows).toEqual([...orders.slice(0, 10), { id: 'young', quantity: 1 }]);
      await reading.stop();
    });

    it('of a schema that the registry does not have go the way of onError; others are read', async () => {
      const topic = await newTopic('unknown');
      const format = schemaRegistry({ url }).avro(Order);
      await write(orders.slice(0, 2), topic, format);
      await produce(topic, [{ value: Uint8Array.of(0, 0, 9, 9, 9, 2) }, { text: 'no header' }]);
      await write(orders.slice(2, 4), topic, format);
      expect(await read(topic, schemaRegistry({ url }).avro(Order), deadLetter(memorySink()))).toEqual(
        orders.slice(0, 4),
      );
      await expect(read(topic, schemaRegistry({ url }).avro(Order))).rejects.toThrow(
        /schema id 9\d+ is not known|schema id/,
      );
    });

    it("that are Debezium's envelopes come as rows", async () => {
      const topic = await newTopic('cdc');
      const Customer = struct({ id: int(), email: string() });
      await writeChanges(topic, url, Customer);
      const format = kafka.debezium(Customer, (envelope) => schemaRegistry({ url }).avro(envelope));
      const changes = await read<DebeziumChange<{ id: number; email: string }>>(topic, format);
      expect(changes.map(({ op, before, after }) => [op, before?.email, after?.email])).toEqual([
        ['insert', undefined, 'a'],
        ['update', 'a', 'b'],
        ['delete', 'b', undefined],
        ['tombstone', undefined, undefined],
      ]);
      expect(changes[1]).toMatchObject({
        transactionId: '9',
        timestamp: 5,
        source: { table: 'customers', position: '101' },
      });
    });
  });
});

/** As the connector writes them: before and after are of one named record. */
async function writeChanges(topic: string, url: string, row: Schema<unknown>): Promise<void> {
  const long = (name: string): object => ({ name, type: ['null', 'long'], default: null });
  const Source = ['connector', 'db', 'schema', 'table'].map((name) => ({ name, type: 'string' }));
  const schema = {
    ...{ type: 'record', name: 'Envelope', namespace: 'shop.public.customers' },
    fields: [
      { name: 'before', type: ['null', structToAvro(row, 'shop.public.customers.Value')], default: null },
      { name: 'after', type: ['null', 'Value'], default: null },
      {
        name: 'source',
        type: { type: 'record', name: 'Source', fields: [...Source, long('ts_ms'), long('txId'), long('lsn')] },
      },
      { name: 'op', type: 'string' },
      long('ts_ms'),
    ],
  };
  const encode = await schemaRegistry({ url }).avro(schema).writer(topic);
  const source = { connector: 'postgresql', db: 'shop', schema: 'public', table: 'customers', ts_ms: 5, txId: 9 };
  const change = (op: string, lsn: number, rows: object) => ({
    value: encode({ op, ts_ms: 6, source: { ...source, lsn }, ...rows }),
  });
  const [a, b] = [
    { id: 1, email: 'a' },
    { id: 1, email: 'b' },
  ];
  await produce(topic, [
    change('c', 100, { after: a }),
    change('u', 101, { before: a, after: b }),
    change('d', 102, { before: b }),
    { text: null },
  ]);
}
