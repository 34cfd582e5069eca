import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  count,
  dataflow,
  memoryPartitions,
  memorySink,
  tumbling,
  type Dataflow,
  type WatermarkOptions,
} from '../../src/index.ts';
import { pipelineDriver, type PipelineDriver } from '../../src/testing.ts';

function liveFlow(partitions: readonly (readonly number[])[], options: WatermarkOptions = {}, bounded = false) {
  const out = memorySink<string>();
  const flow: Dataflow = dataflow('live');
  flow
    .from('numbers', memoryPartitions(partitions, { bounded }), {
      watermarks: ascendingTimestamps((n: number) => n, options),
    })
    .windowAll(tumbling(10))
    .aggregate({ n: count() }, (r) => `${r.window.start}:${r.value.n}`)
    .to('out', out);
  return { flow, rows: out.rows };
}

/** Lets `ms` pass in steps, as a process that is not paused polls. */
function pass(driver: PipelineDriver, ms: number, step: number = 250): void {
  for (let passed = 0; passed < ms; passed += step) {
    driver.advance(step);
    driver.runUntilWaiting();
  }
}

describe('live sources', () => {
  it('a partition that is caught up and silent for longer than idleAfter holds nobody back', async () => {
    const { flow, rows } = liveFlow([[1, 2, 25], []], { idleAfter: '5s' });
    const driver = await pipelineDriver(flow);
    driver.runUntilWaiting();
    pass(driver, 4000);
    expect(rows).toEqual([]);
    pass(driver, 3000);
    expect(rows).toEqual(['0:2']);
    driver.assertConservation();
    await driver.stop();
  });

  it('a pause of the process makes nothing idle', async () => {
    const { flow, rows } = liveFlow([[1, 2, 25], []], { idleAfter: '5s' });
    const driver = await pipelineDriver(flow);
    driver.runUntilWaiting();
    driver.time.advance(15_000);
    driver.runUntilWaiting();
    pass(driver, 3000);
    expect(rows).toEqual([]);
    await driver.stop();
  });

  it("idleAfter: 'never' waits for ever", async () => {
    const { flow, rows } = liveFlow([[1, 2, 25], []], { idleAfter: 'never' });
    const driver = await pipelineDriver(flow);
    driver.runUntilWaiting();
    pass(driver, 60_000, 1000);
    expect(rows).toEqual([]);
    await driver.stop();
  });

  it('R32: when all partitions fall silent, event time goes to the highest of their watermarks', async () => {
    const { flow, rows } = liveFlow(
      [
        [1, 5],
        [2, 35],
      ],
      { idleAfter: '1s' },
    );
    const driver = await pipelineDriver(flow);
    driver.runUntilWaiting();
    pass(driver, 2000, 100);
    expect(rows).toEqual(['0:3']);
    expect(driver.metrics().sources[0]).toMatchObject({ watermark: 34, partitions: [{ idle: true }, { idle: true }] });
    await driver.stop();
  });

  it('after a restore a partition counts as active until it was caught up once', async () => {
    const { flow, rows } = liveFlow([[1, 2, 25], []], { idleAfter: '1s' });
    const first = await pipelineDriver(flow);
    first.runUntilWaiting();
    pass(first, 2000, 100);
    expect(rows).toEqual(['0:2']);
    const second = await pipelineDriver(flow, { restore: await first.snapshot() });
    expect(second.metrics().sources[0]?.partitions[1]).toMatchObject({ idle: false });
    await first.stop();
    await second.stop();
  });

  it('emit: { every } raises the watermark by the clock: until then nothing is late and nothing fires', async () => {
    const { flow, rows } = liveFlow([[1, 25, 2, 26]], { emit: { every: '200ms' }, idleAfter: 'never' });
    const driver = await pipelineDriver(flow);
    driver.runUntilWaiting();
    expect(rows).toEqual([]);
    driver.advance(200);
    driver.runUntilWaiting();
    expect(rows).toEqual(['0:2']);
    await driver.stop();
  });

  it('R30: bounded input is never idle: it ends', async () => {
    const { flow, rows } = liveFlow([[1, 2, 25], [3]], { idleAfter: 1 }, true);
    const driver = await pipelineDriver(flow);
    await driver.runToEnd();
    expect(rows).toEqual(['0:3', '20:1']);
  });
});
