import { dataflow, memoryCheckpoints, memorySink, silentLogger, type RunOptions } from 'millrace';
import { expect, it, onTestFinished } from 'vitest';
import { kafka } from '../../src/index.ts';
import { modelBroker } from '../../src/testing.ts';

const WAIT = { timeout: 30_000, interval: 5 };
const VALUE = 'x'.repeat(50);

async function reading(records: number, limit: { readonly bytes?: number; readonly records?: number } | undefined) {
  const cluster = modelBroker();
  cluster.createTopic('in', 2);
  const timestamp = Date.now() - 60_000;
  const given = Array.from({ length: records }, (_, i) => ({ partition: i % 2, key: 'key', value: VALUE, timestamp }));
  cluster.produce('in', given);
  const rows = memorySink<number>();
  const flow = dataflow('measured');
  const rateLimit = limit === undefined ? {} : { rateLimit: limit };
  flow
    .from('in', kafka.topic('in', { format: kafka.string(), project: (_, { partition }) => partition }), rateLimit)
    .to('out', rows);
  const options: RunOptions = { checkpoints: memoryCheckpoints(), logger: silentLogger, guarantee: 'at-least-once' };
  const handle = await flow.run(
    kafka.solo({ bootstrap: '127.0.0.1:9', driver: cluster.driver, ...options, checkpoints: memoryCheckpoints() }),
  );
  onTestFinished(() => handle.stop());
  return { handle, rows: rows.rows };
}

it('a topic tells of bytes, of lag, and of the latency of records since they were appended', async () => {
  const { handle, rows } = await reading(100, undefined);
  await expect.poll(() => rows.length, WAIT).toBe(100);
  await expect.poll(() => handle.metrics().sources[0]?.latency.count, WAIT).toBeGreaterThan(0);
  await expect.poll(() => handle.metrics().sources[0]?.lag, WAIT).toBe(0);
  const [source] = handle.metrics().sources;
  expect(source).toMatchObject({ recordsRead: 100, bytesRead: 100 * VALUE.length });
  expect(source?.latency.p50Ms).toBeGreaterThanOrEqual(60_000 / 2);
  expect(source?.latency.maxMs).toBeGreaterThanOrEqual(60_000);
});

it('a limit of bytes holds, and both partitions get their share', async () => {
  const begun = performance.now();
  const { handle, rows } = await reading(2_000, { bytes: 20_000 });
  await expect.poll(() => rows.length, WAIT).toBeGreaterThanOrEqual(400);
  const read = handle.metrics().sources[0]?.bytesRead ?? Infinity;
  // At most the limit and a burst; never more because the machine is slow.
  expect(read).toBeLessThanOrEqual(20_000 * ((performance.now() - begun) / 1_000 + 0.1) + VALUE.length);
  const shares = [0, 1].map((partition) => rows.filter((row) => row === partition).length);
  expect(Math.min(...shares)).toBeGreaterThan(0.75 * Math.max(...shares));
});
