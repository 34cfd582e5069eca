import { beforeAll, describe, expect, test } from 'vitest';
import { pipelineDriver, snapshotFromJson, snapshotToJson, type DriverOptions } from '../../src/testing.ts';
import { ZOO_OF_STATE } from './zoo-of-state.ts';
import { animal, ZOO, type Animal, type Build, type Size } from './zoo.ts';

const BUILDS: Readonly<Record<string, Build>> = { ...ZOO, ...ZOO_OF_STATE };

/** Timers of different keys at one time fire in no fixed order, and a restore may change it: rows are compared as bags. */
function animalOf(name: string, size: Size): Animal {
  const made = animal(name, BUILDS[name] as Build, size);
  if (ZOO_OF_STATE[name] === undefined) return made;
  const sorted = (rows: readonly unknown[]): readonly unknown[] =>
    rows.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    flow: made.flow,
    outputs: () => Object.fromEntries(Object.entries(made.outputs()).map(([sink, rows]) => [sink, sorted(rows)])),
  };
}

/** More steps than any pipeline of the zoo needs. */
const STEPS_MAX = 200_000;

/** Runs to the end step by step; nothing may be lost count of after any of them. */
async function runSteps({ flow }: Animal, options: DriverOptions): Promise<void> {
  const driver = await pipelineDriver(flow, options);
  for (let steps = 0; ; steps++) {
    if (steps >= STEPS_MAX) throw new Error(`not finished after ${steps} steps`);
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
    if (steps >= STEPS_MAX) throw new Error(`not finished after ${steps} steps`);
    const result = driver.step();
    driver.assertConservation();
    if (result === 'finished') break;
    if (result !== 'worked') driver.time.advanceTo(driver.time.nextTimer);
    if (!driver.quiet) continue;
    const text = snapshotToJson(await driver.snapshot());
    await driver.crash();
    driver = await pipelineDriver(flow, { ...options, restore: snapshotFromJson(text) });
    driver.assertConservation();
    if (snapshotToJson(await driver.snapshot()) !== text) throw new Error(`a restored snapshot differs: ${text}`);
    restores++;
  }
  await driver.runToEnd();
  return restores;
}

async function runStraight(name: string, size: Size): Promise<ReturnType<Animal['outputs']>> {
  const made = animalOf(name, size);
  await (await pipelineDriver(made.flow)).runToEnd();
  return made.outputs();
}

describe.each(Object.keys(BUILDS))('%s', (name) => {
  let straight: Readonly<Record<Size, ReturnType<Animal['outputs']>>>;

  beforeAll(async () => {
    straight = { small: await runStraight(name, 'small'), large: await runStraight(name, 'large') };
  });

  test('writes something to every output', () => {
    for (const [sink, rows] of Object.entries(straight.large)) expect(rows.length, sink).toBeGreaterThan(0);
  });

  test.each([1, 7, 100, 512])('gives the same in batches of %i, nothing lost at any step', async (batchRecords) => {
    const made = animalOf(name, 'large');
    await runSteps(made, { batchRecords });
    expect(made.outputs()).toEqual(straight.large);
  });

  test('gives the same with operators that share their code instead of generated code', async () => {
    const made = animalOf(name, 'large');
    await runSteps(made, { batchRecords: 50, fusion: 'off' });
    expect(made.outputs()).toEqual(straight.large);
  });

  test.each([3, 200])('gives the same into sinks that are full after every step, in batches of %i', async (n) => {
    const made = animalOf(name, 'large');
    await runSteps(made, { batchRecords: n, reluctantSinks: true });
    expect(made.outputs()).toEqual(straight.large);
  });

  test.each([
    [1, 'small'],
    [4, 'small'],
    [100, 'large'],
    [512, 'large'],
  ] as const)('gives the same when restored after every batch of %i', async (batchRecords, size) => {
    const made = animalOf(name, size);
    const restores = await runRestored(made, { batchRecords });
    expect(restores).toBeGreaterThan(2);
    expect(made.outputs()).toEqual(straight[size]);
  });

  test('gives the same when restored after every batch and its sinks are full after every step', async () => {
    const made = animalOf(name, 'small');
    await runRestored(made, { batchRecords: 3, reluctantSinks: true });
    expect(made.outputs()).toEqual(straight.small);
  });
});
