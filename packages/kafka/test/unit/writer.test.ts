import { silentLogger } from 'millrace';
import { VirtualTime } from 'millrace/testing';
import { expect, it } from 'vitest';
import type { OutgoingRecord } from '../../src/index.ts';
import { KafkaSession } from '../../src/session/session.ts';
import { Connection } from '../../src/settings/connection.ts';
import { KafkaWriter } from '../../src/sink/writer.ts';
import { FakeDriver } from '../setup/fake-driver.ts';

const recordOf = (value: Uint8Array): OutgoingRecord => ({
  topic: 'out',
  partition: 0,
  key: null,
  value,
  timestamp: undefined,
  headers: [],
});

async function opened() {
  const driver = new FakeDriver();
  const time = new VirtualTime();
  const context = { scheduler: time, logger: silentLogger };
  const connection = new Connection('test', { bootstrap: 'a:1', driver });
  const options = {
    connection,
    group: 'job',
    transactional: true,
    transactionTimeoutMs: 60_000,
    lingerMs: 0,
    prefix: '',
  };
  const session = new KafkaSession(options, context);
  await session.begin();
  let wakes = 0;
  const sinkContext = {
    name: 'sink',
    partition: 0,
    clock: time,
    ...context,
    wake: () => void wakes++,
    transactional: true,
  };
  const writer = new KafkaWriter<Uint8Array>(recordOf, session, sinkContext, () => Promise.resolve());
  const { transaction } = writer;
  if (transaction === undefined) throw new Error('a writer of a transactional session has a transaction');
  await transaction.recover('a', undefined);
  return { driver, time, session, writer, transaction, wakes: () => wakes };
}

const name = (id: number) => ({ id, attempt: 'a' });
const small = new Uint8Array(10);

it('keeps output of N + 1 until N is committed, and takes no more when that is much', async () => {
  const { driver, writer, transaction, wakes } = await opened();
  writer.write(small, 0);
  transaction.cut(name(1), false);
  const committable = await transaction.prepare(name(1));
  for (let i = 0; i < 20_000; i++) {
    expect(writer.ready()).toBe(true);
    writer.write(small, 0);
  }
  // A source that is not asked any more is paused by its own buffer; event time stands still, too.
  expect(writer.ready()).toBe(false);
  expect(driver.last.sent).toHaveLength(1);
  const before = wakes();
  await transaction.commit({ name: name(1), committable });
  expect(wakes()).toBeGreaterThan(before);
  expect(writer.ready()).toBe(true);
  expect(writer.buffered).toBe(0);
  expect(driver.last.sent).toHaveLength(20_001);
});

it('counts bytes as well: a few large records fill it', async () => {
  const { driver, writer, transaction } = await opened();
  transaction.cut(name(1), false);
  const large = new Uint8Array(1_000_000);
  let taken = 0;
  for (; writer.ready(); taken++) writer.write(large, 0);
  expect(taken).toBe(34);
  driver.full = true;
  await transaction.commit({ name: name(1), committable: null });
  expect(writer.ready()).toBe(false);
  expect(writer.buffered).toBe(34);
});

it('a client without room is tried again by itself, in order, and what it has taken makes room', async () => {
  const { driver, time, writer } = await opened();
  driver.full = true;
  const large = new Uint8Array(1_000_000);
  for (let i = 0; i < 34; i++) writer.write(large.fill(i), 0);
  expect(writer.ready()).toBe(false);
  driver.full = false;
  time.advance(10);
  expect(writer.ready()).toBe(true);
  expect(driver.last.sent).toHaveLength(34);
});

it('does not prepare, and wakes the job, once a record was given up', async () => {
  const { driver, writer, transaction, wakes } = await opened();
  driver.onFlush = () => new Promise(() => undefined);
  writer.write(small, 0);
  transaction.cut(name(1), false);
  const preparing = transaction.prepare(name(1));
  const before = wakes();
  driver.last.events.failed(new Error('lost'), { topic: 'out', partition: 0, key: null, value: small });
  await expect(preparing).rejects.toThrow('lost');
  expect(wakes()).toBeGreaterThan(before);
  expect(() => writer.ready()).toThrow('lost');
});

it('a report that comes after its life does not fail the next one', async () => {
  const { driver, session } = await opened();
  const former = driver.last;
  await session.begin();
  former.events.failed(new Error('late'), { topic: 'out', partition: 0, key: null, value: small });
  expect(former.closed).toBe(true);
  expect(() => session.check()).not.toThrow();
});

it('a commit that is repeated drops nothing that waits', async () => {
  const { driver, writer, transaction } = await opened();
  transaction.cut(name(1), false);
  writer.write(small, 0);
  driver.full = true;
  await transaction.commit({ name: name(1), committable: null });
  await transaction.commit({ name: name(1), committable: null });
  expect(writer.buffered).toBe(1);
});
