import { expect, it } from 'vitest';
import { kafka, type AdminDriver, type KafkaDriver } from '../../src/index.ts';
import { FakeDriver } from '../setup/fake-driver.ts';
import { sourceContext } from '../setup/source-context.ts';

/** A cluster on which something goes wrong, and how many of its clients are open. */
function counted(change: (driver: KafkaDriver, admin: AdminDriver) => void) {
  const fake = new FakeDriver();
  const clients = { opened: 0, closed: 0 };
  const closing = (): Promise<void> => Promise.resolve(void clients.closed++);
  const driver: KafkaDriver = {
    name: 'counted',
    member: () => fake.member(),
    async admin() {
      clients.opened++;
      const admin = { ...(await fake.admin()), close: closing };
      change(driver, admin);
      return admin;
    },
    consumer() {
      clients.opened++;
      const nothing = (): void => undefined;
      return Promise.resolve({
        assign: nothing,
        unassign: nothing,
        pause: nothing,
        resume: nothing,
        fetch: () => Promise.reject(new Error('nothing is read here')),
        close: closing,
      });
    },
    async producer(settings, events) {
      clients.opened++;
      return Object.assign(await fake.producer(settings, events), { close: closing });
    },
  };
  return { driver, clients };
}

const failing = () => Promise.reject(new Error('no'));

it.each<[string, number, (driver: KafkaDriver, admin: AdminDriver) => void]>([
  ['the consumer cannot connect', 1, (driver) => Object.assign(driver, { consumer: failing })],
  ['the topic cannot be described', 2, (_, admin) => Object.assign(admin, { topics: failing })],
  ['offsets cannot be asked for', 2, (_, admin) => Object.assign(admin, { offsets: failing })],
])('a source that cannot be opened leaves no client behind: %s', async (_what, opened, change) => {
  const { driver, clients } = counted(change);
  const source = kafka.topic('t', { bootstrap: 'a:1', driver, start: 'latest' });
  await expect(source.open(sourceContext())).rejects.toThrow('no');
  expect(clients).toEqual({ opened, closed: opened });
});

it('a source that was opened closes its clients itself', async () => {
  const { driver, clients } = counted(() => undefined);
  const reader = await kafka.topic('t', { bootstrap: 'a:1', driver, until: 'end' }).open(sourceContext());
  expect(clients).toEqual({ opened: 2, closed: 0 });
  await reader.close();
  expect(clients).toEqual({ opened: 2, closed: 2 });
});

it('dead letters that cannot be opened leave no client behind', async () => {
  const { driver, clients } = counted((_, admin) => Object.assign(admin, { topics: failing }));
  const { sink } = kafka.deadLetters({ bootstrap: 'a:1', driver, topic: 'dead', of: ['t'] });
  const context = { ...sourceContext(), partition: 0, transactional: false };
  await expect(sink.open(context)).rejects.toThrow('no');
  expect(clients).toEqual({ opened: 1, closed: 1 });
});
