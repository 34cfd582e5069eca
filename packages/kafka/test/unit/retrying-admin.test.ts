import { systemScheduler, type Scheduler } from 'millrace';
import { expect, it } from 'vitest';
import type { AdminDriver } from '../../src/index.ts';
import { kafkaError } from '../../src/driver/kafka-error.ts';
import { retryingAdmin } from '../../src/driver/retrying-admin.ts';

/** A thousand times as fast as real time. */
const scheduler: Scheduler = { ...systemScheduler, after: (ms, task) => systemScheduler.after(ms / 1_000, task) };

function answers(given: (asked: number) => Promise<readonly []>): { readonly admin: AdminDriver; asked: number } {
  const counter = { asked: 0, admin: undefined as unknown as AdminDriver };
  const committed = (): Promise<readonly []> => given(++counter.asked);
  counter.admin = retryingAdmin({ committed } as unknown as AdminDriver, scheduler, 20_000);
  return counter;
}

const answer = (code: number, message: string): Promise<never> =>
  Promise.reject(kafkaError('reading what a group has committed', { code, message }));

it('asks again while brokers are not ready', async () => {
  const { admin } = answers((asked) => (asked < 3 ? answer(14, 'coordinator load in progress') : Promise.resolve([])));
  expect(await admin.committed('group', true)).toEqual([]);
});

it('does not ask again after another error', async () => {
  const asking = answers(() => answer(30, 'group authorization failed'));
  await expect(asking.admin.committed('group', true)).rejects.toMatchObject({ fields: { kafka: 30 } });
  expect(asking.asked).toBe(1);
});

it('gives up in the end, says what it was told last, and how to find a transaction that hangs', async () => {
  const asking = answers(() => answer(88, 'unstable offsets'));
  await expect(asking.admin.committed('group', true)).rejects.toMatchObject({
    code: 'IO_FAILED',
    retryable: true,
    fields: { kafka: 88, watchdog: true },
    message: expect.stringMatching(/has not come back for 20 s.*unstable offsets \(88\).*find-hanging/s),
  });
  expect(asking.asked).toBeGreaterThan(1);
});

it('one that was never answered has nothing to say but that', async () => {
  const asking = answers(() => new Promise(() => undefined));
  const asked = asking.admin.committed('group', true);
  await expect(asked).rejects.toMatchObject({ message: expect.not.stringContaining('last answer') });
});
