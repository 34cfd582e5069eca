import { expect, test } from 'vitest';
import { count } from '../../src/aggregates/index.ts';
import { generator, memory, memorySink } from '../../src/connectors/index.ts';
import { dataflow } from '../../src/job.ts';
import { crash, pause, pipelineDriver, scripted } from '../../src/testing.ts';
import { ascendingTimestamps } from '../../src/time/index.ts';
import { tumbling } from '../../src/windows/index.ts';

const NUMBERS = Array.from({ length: 1_100 }, (_, i) => i);

function doubled(source = memory(NUMBERS)) {
  const flow = dataflow('doubled');
  const out = memorySink<number>();
  flow
    .from('numbers', source)
    .map((n) => n * 2)
    .to('out', out);
  return { flow, out };
}

test('a step is one batch', async () => {
  const { flow, out } = doubled();
  const driver = await pipelineDriver(flow);
  expect(out.rows).toHaveLength(0);
  driver.step();
  expect(out.rows).toHaveLength(512);
  driver.assertConservation();
  expect(await driver.runToEnd()).toMatchObject({ operators: [{ out: 1_100 }, {}, { out: 1_100 }] });
  expect(out.rows).toHaveLength(1_100);
});

test('a fresh instance goes on from a snapshot where the crashed one stood', async () => {
  const { flow, out } = doubled();
  const first = await pipelineDriver(flow, { batchRecords: 100 });
  first.step();
  const snapshot = await first.snapshot();
  await first.crash();
  expect(out.rows).toHaveLength(100);
  const second = await pipelineDriver(flow, { restore: snapshot });
  const metrics = await second.runToEnd();
  expect(out.rows).toEqual(NUMBERS.map((n) => n * 2));
  expect(metrics.operators[0]?.in).toBe(1_100);
});

test('virtual time passes where a source waits for it', async () => {
  const { flow, out } = doubled(scripted([1, pause('1h'), 2]));
  const driver = await pipelineDriver(flow);
  expect(driver.runUntilWaiting()).toBe('waiting');
  expect(out.rows).toEqual([2]);
  driver.advance(3_599_999);
  expect(out.rows).toEqual([2]);
  driver.advance(1);
  expect(out.rows).toEqual([2, 4]);
  await driver.runToEnd();
});

test('an error of a source ends the run', async () => {
  const { flow } = doubled(scripted([1, crash(), 2]));
  const driver = await pipelineDriver(flow);
  await expect(driver.runToEnd()).rejects.toThrow(/scripted crash/);
});

test('advance lets a live source fall idle as a running job would', async () => {
  const flow = dataflow('idle');
  const out = memorySink<number>();
  const watermarks = ascendingTimestamps((n: number) => n, { idleAfter: '5s' });
  flow.from('live', memory([1, 2], { bounded: false }), { watermarks }).to('out', out);
  const driver = await pipelineDriver(flow);
  driver.advance(4_000);
  expect(driver.metrics().sources[0]?.partitions[0]?.idle).toBe(false);
  driver.advance(4_000);
  expect(driver.metrics().sources[0]?.partitions[0]?.idle).toBe(true);
});

test('stop ends a live job; with drain its windows fire first', async () => {
  for (const drain of [false, true]) {
    const flow = dataflow('live');
    const out = memorySink<number>();
    const watermarks = ascendingTimestamps((n: number) => n);
    flow
      .from('live', memory([1, 2], { bounded: false }), { watermarks })
      .windowAll(tumbling(10))
      .aggregate({ n: count() }, (r) => r.value.n)
      .to('out', out);
    const driver = await pipelineDriver(flow);
    driver.runUntilWaiting();
    await driver.stop({ drain });
    expect(out.rows).toEqual(drain ? [2] : []);
    driver.assertConservation();
  }
});

test('a job that never ends is an error that says so', async () => {
  const flow = dataflow('endless');
  const watermarks = ascendingTimestamps((n: number) => n);
  flow.from('live', memory([1], { bounded: false }), { watermarks }).to('out', memorySink());
  const driver = await pipelineDriver(flow, { stallSteps: 50 });
  await expect(driver.runToEnd()).rejects.toThrow(/live source never ends/);
});

test('rate-controlled sources give what time allows', async () => {
  const { flow, out } = doubled(generator((i) => i, { recordsPerSecond: 10 }));
  const driver = await pipelineDriver(flow);
  driver.advance(1_000);
  expect(out.rows).toHaveLength(10);
  await driver.crash();
});

test('the kit says at which operator records are missing', async () => {
  const { flow } = doubled();
  const driver = await pipelineDriver(flow);
  driver.step();
  const metrics = [...driver.core.built.metrics.values()][1];
  if (metrics !== undefined) metrics.out--;
  expect(() => driver.assertConservation()).toThrow(/map 'numbers.map' has lost count of 1 records/);
});
