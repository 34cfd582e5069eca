import { MillraceError } from 'millrace';
import { expect, it } from 'vitest';
import type { ConsumerDriver, Fetched } from '../../src/index.ts';
import { Fetcher, type Prepare } from '../../src/source/fetcher.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';
import { fetched } from '../setup/fake-records.ts';

/** A client that answers once with two records, then with none. */
function client(): ConsumerDriver & { fetches: number } {
  const answers: Fetched[] = [fetched([[0, 0, 2]])];
  return {
    fetches: 0,
    fetch() {
      this.fetches++;
      return Promise.resolve(answers.shift() ?? fetched([]));
    },
    assign: () => undefined,
    unassign: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    close: () => Promise.resolve(),
  };
}

function begin(prepare: Prepare) {
  const queue = new PartitionQueue('t', 0, 0, Infinity, Infinity);
  const fetcher = new Fetcher(() => undefined, prepare);
  fetcher.add(queue);
  const consumer = client();
  fetcher.begin(consumer);
  return { queue, fetcher, consumer };
}

/** Lets everything happen that waits for nothing else. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('hands records over when the format is ready for them, and fetches nothing meanwhile', async () => {
  let ready: () => void = () => undefined;
  const seen: (string | undefined)[] = [];
  const { queue, consumer } = begin((values) => {
    seen.push(...values.map((value) => value?.toString()));
    return new Promise((resolve) => (ready = resolve));
  });
  await settled();
  expect(seen).toEqual(['"0 0"', '"0 1"']);
  expect([queue.records, consumer.fetches]).toEqual([0, 1]);
  ready();
  await settled();
  expect(queue.records).toBe(2);
  expect(consumer.fetches).toBeGreaterThan(1);
});

it('waits for nothing where the format has nothing to wait for', async () => {
  const { queue } = begin(() => undefined);
  await settled();
  expect(queue.records).toBe(2);
});

it('fails with what the format fails with, and drops no record silently', async () => {
  const down = new MillraceError('IO_FAILED', { message: 'down', retryable: true });
  for (const prepare of [
    () => Promise.reject(down),
    () => {
      throw down;
    },
  ]) {
    const { queue, fetcher } = begin(prepare);
    await settled();
    expect([fetcher.failure, queue.records]).toEqual([down, 0]);
  }
});

it('tells the format when the source is closed, and takes what comes of it for nothing', async () => {
  const signals: AbortSignal[] = [];
  const { queue, fetcher } = begin((_, signal) => {
    signals.push(signal);
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  });
  await settled();
  fetcher.close();
  await settled();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect([fetcher.failure, queue.records]).toEqual([undefined, 0]);
});
