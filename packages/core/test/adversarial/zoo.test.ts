import { beforeAll, describe, expect, test } from 'vitest';
import { pipelineDriver, snapshotFromJson, snapshotToJson, type DriverOptions } from '../../src/testing.ts';
import { animal, ZOO, type Animal } from './zoo.ts';

/** More steps than any pipeline of the zoo needs. */
const STEPS_MAX = 200_000;

/** Runs to the end step by step; nothing may be lost count of after any of them. */
async function runSteps({ flow }: Animal, options: DriverOptions): Promise<void> {
  const driver = await pipelineDriver(flow, options);
  for (let steps = 0; ; steps++) {
    expect(steps).toBeLessThan(STEPS_MAX);
    const result = driver.step();
    driver.assertConservation();
    if (result === 'finished') break;
    if (result !== 'worked') driver.time.advanceTo(driver.time.nextTimer);
  }
  await driver.runToEnd();
}

/** The same, with a snapshot after every step that ends quietly, thrown away and restored into a fresh instance. */
async function runRestored({ flow }: Animal, options: DriverOptions): Promise<number> {
  let driver = await pipelineDriver(flow, options);
  let restores = 0;
  for (let steps = 0; ; steps++) {
    expect(steps).toBeLessThan(STEPS_MAX);
    const result = driver.step();
    driver.assertConservation();
    if (result === 'finished') break;
    if (result !== 'worked') driver.time.advanceTo(driver.time.nextTimer);
    if (!driver.quiet) continue;
    const text = snapshotToJson(await driver.snapshot());
    await driver.crash();
    driver = await pipelineDriver(flow, { ...options, restore: snapshotFromJson(text) });
    driver.assertConservation();
    expect(snapshotToJson(await driver.snapshot())).toBe(text);
    restores++;
  }
  await driver.runToEnd();
  return restores;
}

describe.each(Object.keys(ZOO))('%s', (name) => {
  let straight: ReturnType<Animal['outputs']>;

  beforeAll(async () => {
    const made = animal(name);
    await (await pipelineDriver(made.flow)).runToEnd();
    straight = made.outputs();
  });

  test('writes something to every output', () => {
    for (const [sink, rows] of Object.entries(straight)) expect(rows.length, sink).toBeGreaterThan(0);
  });

  test.each([1, 2, 7, 100, 512])('gives the same in batches of %i, nothing lost at any step', async (batchRecords) => {
    const made = animal(name);
    await runSteps(made, { batchRecords });
    expect(made.outputs()).toEqual(straight);
  });

  test.each([1, 3, 64])('gives the same into sinks that are full after every step, in batches of %i', async (n) => {
    const made = animal(name);
    await runSteps(made, { batchRecords: n, reluctantSinks: true });
    expect(made.outputs()).toEqual(straight);
  });

  test.each([1, 5, 512])('gives the same when restored after every batch of %i', async (batchRecords) => {
    const made = animal(name);
    const restores = await runRestored(made, { batchRecords });
    expect(restores).toBeGreaterThan(3);
    expect(made.outputs()).toEqual(straight);
  });

  test('gives the same when restored after every batch and its sinks are full after every step', async () => {
    const made = animal(name);
    await runRestored(made, { batchRecords: 10, reluctantSinks: true });
    expect(made.outputs()).toEqual(straight);
  });
});
