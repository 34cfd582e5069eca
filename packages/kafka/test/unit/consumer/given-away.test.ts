import { expect, it } from 'vitest';
import type { ConsumedRecord } from '../../../src/index.ts';
import { cluster, committed, started } from './consumer-fixture.ts';

/** A handler that ends with an error when its time is over, as `fetch(url, { signal })` does. */
const untilAborted = ({ signal }: ConsumedRecord<string>): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

it('a record whose handler was aborted at its last attempt is no dead letter: whoever has the partition next does it', async () => {
  const broker = cluster();
  broker.produce('orders', [{ key: 'a', value: 'one' }]);
  let calls = 0;
  const { consumer } = started(
    broker,
    (record) => {
      calls++;
      return untilAborted(record);
    },
    { attempts: 1, drainTimeout: '20ms' },
  );
  await expect.poll(() => calls).toBe(1);
  await consumer.stop();
  expect(broker.topicNames()).toEqual(['orders']);
  expect(committed(broker)).toEqual({});
});

it("onError: 'fail' does not end a consumer whose handler was aborted because the partition went elsewhere", async () => {
  const broker = cluster(2);
  broker.produce('orders', [
    { partition: 0, key: 'a', value: 'zero' },
    { partition: 1, key: 'b', value: 'one' },
  ]);
  let calls = 0;
  const first = started(
    broker,
    (record) => {
      calls++;
      return untilAborted(record);
    },
    { attempts: 1, onError: 'fail', drainTimeout: '20ms', concurrency: 2 },
  );
  let end: unknown = 'running';
  void first.ended.then((how) => (end = how));
  await expect.poll(() => calls).toBe(2);
  started(broker, () => undefined);
  // The one that it keeps is handed over again.
  await expect.poll(() => calls, { timeout: 20_000 }).toBe(3);
  expect(end).toBe('running');
});
