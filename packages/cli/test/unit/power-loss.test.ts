import path from 'node:path';
import { seededRandom } from 'millrace/testing';
import { expect, it } from 'vitest';
import type { Disk } from '../../src/files/disk.ts';
import { fileLetters } from '../../src/files/file-letters.ts';
import { Crash, dyingDisk } from '../setup/dying-disk.ts';
import { newFolder, writeLetters } from '../setup/letters.ts';
import { ModelDisk } from '../setup/model-disk.ts';

const COUNT = 12;
const LOSSES = 4;
const TARGET = '/target';
const expected = Array.from({ length: COUNT }, (_, i) => JSON.stringify({ n: `n${i}` })).sort();

/** One life of a process that retries all; the letters themselves lie on the real disk. */
async function live(file: string, disk: Disk): Promise<void> {
  try {
    await (await fileLetters(file, { disk, batch: 5 })).retry(() => true, { to: TARGET });
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

const given = (disk: ModelDisk): string[] =>
  disk
    .files(TARGET)
    .filter(([name]) => name.startsWith('retried-'))
    .flatMap(([, text]) => text.split('\n').filter((line) => line !== ''))
    .sort();

/** What was given back after deaths and losses of power at each moment, where it is not each letter once. */
async function wrongOnes(diskOf: (model: ModelDisk) => Disk = (model) => model): Promise<string[]> {
  const folder = newFolder();
  writeLetters(folder, COUNT);
  const file = path.join(folder, 'part-0-0000000001.ndjson');
  const seed = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000);
  console.info(`MILLRACE_SEED=${seed}`);
  const random = seededRandom(seed);
  const whole = dyingDisk(Infinity, diskOf(new ModelDisk()));
  await live(file, whole.disk);
  const wrong: string[] = [];
  for (let dieAt = 1; dieAt <= whole.moments(); dieAt++) {
    for (let loss = 0; loss < LOSSES; loss++) {
      const model = new ModelDisk();
      await live(file, dyingDisk(dieAt, diskOf(model)).disk);
      if (loss % 2 === 0) model.losePower(() => random.next());
      await live(file, dyingDisk(1 + Math.floor(whole.moments() * random.next()), diskOf(model)).disk);
      model.losePower(() => random.next());
      await live(file, diskOf(model));
      // What it has told the user must not be undone.
      model.losePower(() => random.next());
      const found = given(model);
      if (found.join() !== expected.join()) wrong.push(`${dieAt}, ${loss}: ${found.length} of ${COUNT}`);
    }
  }
  return wrong;
}

it('each letter is given back once, also if the power is lost at any moment', async () => {
  expect(await wrongOnes()).toEqual([]);
});

it('a disk that does not sync its folders is found out by this test', async () => {
  const lazy = (model: ModelDisk): Disk => {
    const disk: Record<string, unknown> = { sync: () => Promise.resolve() };
    for (const name of ['makeFolder', 'names', 'read', 'exists', 'create', 'link', 'rename', 'remove'] as const)
      disk[name] = model[name].bind(model);
    // All members are there.
    return disk as unknown as Disk;
  };
  // Letters that are not given back once, or an error of a journal that lacks an entry.
  const found = wrongOnes(lazy).then(
    (wrong) => wrong.length > 0,
    () => true,
  );
  expect(await found).toBe(true);
});
