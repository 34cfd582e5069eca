import { mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { nodeDisk, type Disk } from '../../src/files/disk.ts';
import { fileLetters } from '../../src/files/file-letters.ts';
import { Crash, dyingDisk } from '../setup/dying-disk.ts';
import { linesIn, newFolder, writeLetters } from '../setup/letters.ts';

const COUNT = 25;
const all = (): boolean => true;
const expected = Array.from({ length: COUNT }, (_, i) => JSON.stringify({ n: `n${i}` })).sort();

/** One life of a process that retries all; `true`: it came to its end. */
async function live(folder: string, to: string, dieAt: number): Promise<boolean> {
  const { disk } = dyingDisk(dieAt);
  try {
    const box = await fileLetters(folder, { disk, batch: 10 });
    await box.retry(all, { to });
    return true;
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
    return false;
  }
}

it('killed before, in and after each operation on the disk, and again: each letter is given back once', async () => {
  const [first, to] = [newFolder(), newFolder()];
  writeLetters(first, COUNT);
  const whole = dyingDisk(Infinity);
  await (await fileLetters(first, { disk: whole.disk, batch: 10 })).retry(all, { to });
  expect(whole.moments()).toBeGreaterThan(60);
  for (let dieAt = 1; dieAt <= whole.moments(); dieAt++) {
    const [folder, again, taken] = [newFolder(), newFolder(), newFolder()];
    writeLetters(folder, COUNT);
    expect(await live(folder, again, dieAt)).toBe(dieAt > whole.moments());
    // Somebody takes at once what is there, as a job may that moves what it has read.
    for (const name of readdirSync(again).filter((one) => !one.startsWith('.')))
      renameSync(path.join(again, name), path.join(taken, name));
    await live(folder, again, 1 + ((dieAt * 7) % whole.moments()));
    expect(await live(folder, again, Infinity)).toBe(true);
    expect([dieAt, [...linesIn(again), ...linesIn(taken)].sort()]).toEqual([dieAt, expected]);
  }
});

it('what was written and not decided is removed by a later retry', async () => {
  const [folder, to] = [newFolder(), newFolder()];
  writeLetters(folder, COUNT);
  const { disk } = dyingDisk(Infinity);
  const dies: Disk = { ...disk, link: () => Promise.reject(new Crash()) };
  await expect((await fileLetters(folder, { disk: dies })).retry(all, { to })).rejects.toThrow(Crash);
  expect(readdirSync(to)).toEqual([expect.stringMatching(/^\.retried-.*\.tmp$/)]);
  await (await fileLetters(folder)).retry(all, { to });
  expect(readdirSync(to)).toEqual([expect.stringMatching(/^retried-.*\.ndjson$/)]);
});

it('a process that another one has overtaken stops, and gives nothing back', async () => {
  const [folder, to] = [newFolder(), newFolder()];
  writeLetters(folder, COUNT);
  const overtaken: Disk = {
    ...nodeDisk,
    async link(file, name) {
      await (await fileLetters(folder)).retry(all, { to });
      return nodeDisk.link(file, name);
    },
  };
  await expect((await fileLetters(folder, { disk: overtaken })).retry(all, { to })).rejects.toMatchObject({
    code: 'CHECKPOINT_FENCED',
  });
  expect(linesIn(to).sort()).toEqual(expected);
  expect(readdirSync(to)).toHaveLength(1);
});

it('two processes at once give each letter back once', async () => {
  const [folder, to] = [newFolder(), newFolder()];
  writeLetters(folder, COUNT);
  const boxes = await Promise.all([1, 2, 3].map(() => fileLetters(folder, { batch: 5 })));
  const ended = await Promise.allSettled(boxes.map((box) => box.retry(all, { to })));
  for (const one of ended)
    if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CHECKPOINT_FENCED' });
  await (await fileLetters(folder)).retry(all, { to });
  expect(linesIn(to).sort()).toEqual(expected);
});

it.each([
  ['no JSON', '{"version":1,', 'STATE_CORRUPT'],
  ['of another version', '{"version":2}', 'CHECKPOINT_VERSION'],
  ['of another kind', '{"version":1,"state":"lost","letters":[]}', 'STATE_CORRUPT'],
])('an entry of the journal that is %s is an error, and not passed over', async (_, text, code) => {
  const folder = newFolder();
  writeLetters(folder, 1);
  mkdirSync(path.join(folder, '.letters'));
  writeFileSync(path.join(folder, '.letters/00000001.json'), text);
  await expect((await fileLetters(folder)).retry(all, { to: newFolder() })).rejects.toMatchObject({ code });
});

it('a journal that lacks an entry is an error', async () => {
  const folder = newFolder();
  writeLetters(folder, COUNT);
  await (await fileLetters(folder, { batch: 10 })).retry(all, { to: newFolder() });
  renameSync(path.join(folder, '.letters/00000002.json'), path.join(folder, '.letters/lost.json'));
  await expect((await fileLetters(folder)).retry(all, { to: newFolder() })).rejects.toThrow(
    /an entry of the journal is missing/,
  );
});

it('reads a journal of version 1 as it was written', async () => {
  const folder = newFolder();
  writeLetters(folder, 2);
  mkdirSync(path.join(folder, '.letters'));
  const golden =
    '{"version":1,"state":"dropped","at":1767600000000,"reason":"a test",' +
    '"letters":[{"file":"part-0-0000000001.ndjson","line":2,"print":"cj-yDKS9yuzaPYQkWNNgMJ"}]}';
  writeFileSync(path.join(folder, '.letters/00000001.json'), golden);
  const box = await fileLetters(folder);
  expect((await box.find('part-0-0000000001.ndjson:2'))?.mark).toEqual({
    ...{ state: 'dropped', at: 1_767_600_000_000, reason: 'a test' },
  });
});
