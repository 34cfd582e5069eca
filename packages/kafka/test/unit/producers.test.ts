import { systemScheduler } from 'millrace';
import { expect, it } from 'vitest';
import type { KafkaDriver } from '../../src/index.ts';
import { watchedOpening } from '../../src/driver/watchdog.ts';
import { Producers } from '../../src/session/producers.ts';
import { SharedAdmin } from '../../src/session/shared-admin.ts';
import { Connection } from '../../src/settings/connection.ts';
import { FakeDriver } from '../setup/fake-driver.ts';

const events = { failed: () => undefined };

/** Producers of which one step fails, and how many of them were closed. */
async function failingAt(step: 'initTransactions' | 'begin') {
  const fake = new FakeDriver();
  const count = { closed: 0 };
  const driver: KafkaDriver = Object.assign(Object.create(fake) as FakeDriver, {
    async producer(...given: Parameters<FakeDriver['producer']>) {
      const producer = await fake.producer(...given);
      return Object.assign(producer, {
        [step]: () => Promise.reject(new Error(`${step}: no`)),
        close: () => Promise.resolve(void count.closed++),
      });
    },
  });
  const connection = new Connection('test', { bootstrap: 'a:1', driver });
  const parts = { connection, group: 'job', transactional: true, transactionTimeoutMs: 60_000, lingerMs: 0 };
  return { producers: new Producers({ ...parts, scheduler: systemScheduler, callMs: 1_000 }), count };
}

it.each(['initTransactions', 'begin'] as const)('a producer that fails at %s is not left open', async (step) => {
  const { producers, count } = await failingAt(step);
  await expect(producers.openTrial(events)).rejects.toThrow(`${step}: no`);
  expect(count.closed).toBe(1);
});

it('a client that is open only after it was given up is closed', async () => {
  let open = (_client: { close(): Promise<void> }): void => undefined;
  const opening = new Promise<{ close(): Promise<void> }>((resolve) => (open = resolve));
  await expect(watchedOpening('connecting', systemScheduler, opening, 1)).rejects.toMatchObject({
    fields: { watchdog: true },
  });
  await new Promise<void>((closed) => open({ close: () => Promise.resolve(closed()) }));
});

it('an admin client that could not be opened is opened anew when it is asked for again', async () => {
  const fake = new FakeDriver();
  let tries = 0;
  const driver: KafkaDriver = Object.assign(Object.create(fake) as FakeDriver, {
    admin: () => (++tries === 1 ? Promise.reject(new Error('no broker')) : fake.admin()),
  });
  const admin = new SharedAdmin(new Connection('test', { bootstrap: 'a:1', driver }), systemScheduler, 1_000);
  await expect(admin.client()).rejects.toThrow('no broker');
  await admin.client();
  await admin.client();
  expect(tries).toBe(2);
});
