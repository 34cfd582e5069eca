import type { MillraceError } from 'millrace';
import { expect, it } from 'vitest';
import { KAFKA_STEPS, type Fate, type ModelBroker } from '../../src/testing.ts';
import { clusterWith, expected, given, marked, MARKS, open, processOf } from '../setup/letters-cluster.ts';

const COUNT = 30;
const all = (): boolean => true;
const batch = 8;

/** One life of a process that retries all. Resolves when it has ended or died. */
async function live(cluster: ModelBroker, process: ReturnType<typeof processOf>): Promise<void> {
  const letters = await open(cluster, { driver: cluster.driverFor(process.host), batch });
  const running = letters.retry(all);
  // What a dead process says nobody hears.
  running.catch(() => undefined);
  const died = new Promise<void>((resolve) => {
    const look = (): void => void (process.host.isAlive() ? setImmediate(look) : resolve());
    look();
  });
  await Promise.race([running, died]);
}

function expectOnce(cluster: ModelBroker): void {
  expect(given(cluster)).toEqual(expected(COUNT));
  expect(marked(cluster)).toEqual(Array.from({ length: COUNT }, (_, i) => `0-${i}`).sort());
}

it('killed before or after each step of the protocol, and again in its next life: each letter is given back once', async () => {
  const whole = processOf();
  await live(clusterWith(COUNT), whole);
  expect(whole.moments).toBeGreaterThan(30);
  const livesOf = async (dieAt: number): Promise<void> => {
    const cluster = clusterWith(COUNT);
    await live(cluster, processOf(dieAt));
    await live(cluster, processOf(1 + ((dieAt * 7) % whole.moments)));
    const last = await open(cluster, { batch });
    const { done, before } = await last.retry(all);
    expect([dieAt, done + before]).toEqual([dieAt, COUNT]);
    expectOnce(cluster);
    await last.close();
  };
  await Promise.all(Array.from({ length: whole.moments }, (_, i) => livesOf(i + 1)));
});

const STEPS = ['producer connected', 'predecessor locked out', 'output sent', 'transaction committed'] as const;
const FATES: readonly Fate[] = ['request lost', 'request delayed', 'answer lost'];

it.concurrent.each(STEPS.flatMap((step) => FATES.map((fate) => [step, fate] as const)))(
  "'%s': %s: each letter is given back once",
  async (step, fate) => {
    expect(KAFKA_STEPS).toContain(step);
    const cluster = clusterWith(COUNT);
    // A request that comes late may lock out the next producer of the same process: it says so, and is started again.
    // The third time that it comes to it; what is done once is lost the first time.
    let times = ['output sent', 'transaction committed'].includes(step) ? 3 : 1;
    const process = processOf(Infinity, (one) => (one === step && --times === 0 ? fate : 'answered'));
    const driver = cluster.driverFor(process.host);
    for (let life = 1; marked(cluster).length < COUNT; life++) {
      expect(life).toBeLessThan(4);
      const letters = await open(cluster, { driver, batch });
      await letters
        .retry(all)
        .catch((error: unknown) => expect(['IO_FAILED', 'CHECKPOINT_FENCED']).toContain((error as MillraceError).code));
      await letters.close();
    }
    expect(times).toBeLessThanOrEqual(0);
    expectOnce(cluster);
  },
);

it('a process that another one locks out stops with an error, and has given back nothing twice', async () => {
  const cluster = clusterWith(COUNT);
  const letters = await open(cluster, { batch: 10 });
  const locksOut = (done: number): void => {
    if (done === 10) cluster.lockOut(MARKS);
  };
  await expect(letters.retry(all, { onProgress: locksOut })).rejects.toMatchObject({
    code: 'CHECKPOINT_FENCED',
    message: expect.stringMatching(/Another process .* 10 letters were done/) as string,
  });
  expect(marked(cluster)).toHaveLength(10);
  expect(await letters.retry(all)).toEqual({ done: 20, before: 10, obstacles: [] });
  expectOnce(cluster);
  await letters.close();
});

it('of two processes at the same letters at most one goes on, and together they give each back once', async () => {
  const cluster = clusterWith(COUNT);
  const both = await Promise.all([open(cluster, { batch: 2 }), open(cluster, { batch: 2 })]);
  const ended = await Promise.allSettled(both.map((letters) => letters.retry(all)));
  const failed = ended.filter((one) => one.status === 'rejected');
  expect(failed.length).toBeLessThanOrEqual(1);
  for (const { reason } of failed) expect(reason).toMatchObject({ code: 'CHECKPOINT_FENCED' });
  expectOnce(cluster);
  for (const letters of both) await letters.close();
});

it('a broker that restarts meanwhile is waited for', async () => {
  const cluster = clusterWith(COUNT);
  const letters = await open(cluster, { batch: 10 });
  const restarts = (done: number): void => {
    if (done === 10) cluster.restart(300);
  };
  expect(await letters.retry(all, { onProgress: restarts })).toEqual({ done: COUNT, before: 0, obstacles: [] });
  expectOnce(cluster);
  await letters.close();
});
