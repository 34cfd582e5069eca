import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MillraceError, memorySink } from '../../src/index.ts';
import { directory } from '../../src/node.ts';
import { CLICKS, GOLDEN, goldenFlow } from './golden.ts';
import { copyOf, filesIn, runFlow } from './support.ts';

const sorted = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();

/** Goes on from a checkpoint; what it writes, or the error. */
async function goOn(folder: string) {
  const [windows, sessions] = [memorySink<unknown>(), memorySink<unknown>()];
  const handle = await runFlow(goldenFlow(windows, sessions), { checkpoints: directory(folder), commitInterval: '1h' });
  return { handle, windows: [...windows.rows], sessions: [...sessions.rows] };
}

async function straight() {
  const [windows, sessions] = [memorySink<unknown>(), memorySink<unknown>()];
  await runFlow(goldenFlow(windows, sessions));
  return { windows: [...windows.rows], sessions: [...sessions.rows] };
}

describe('format 1', () => {
  it('a checkpoint that was kept is restored, and the job goes on from it', async () => {
    const { handle, windows, sessions } = await goOn(copyOf(GOLDEN));
    const { resumedFrom, operators } = handle.metrics();
    expect(resumedFrom?.id).toBeGreaterThan(3);
    expect(resumedFrom?.recordsIn).toBeGreaterThan(20);
    expect(resumedFrom?.recordsIn).toBeLessThan(CLICKS.length - 100);
    expect(operators[0]?.in).toBe(CLICKS.length);
    // What came before was written into another memory; what comes after is the end of a run without a stop.
    const whole = await straight();
    expect(windows.length).toBeGreaterThan(5);
    expect(whole.windows.slice(-windows.length)).toEqual(windows);
    expect(sorted(whole.sessions)).toEqual(expect.arrayContaining(sorted(sessions)));
    expect(sessions.length).toBeGreaterThan(5);
  });

  it('a file cut short anywhere, or with a flipped bit anywhere, is an error that names it', async () => {
    const scratch = copyOf(GOLDEN);
    const others = (name: string) =>
      filesIn(GOLDEN)
        .filter((file) => !readFileSync(file).equals(readFileSync(join(scratch, file.slice(GOLDEN.length)))))
        .map((file) => file.slice(GOLDEN.length))
        .filter((changed) => changed !== name);
    const whole = await goOn(copyOf(GOLDEN));
    const problems: string[] = [];
    for (const file of filesIn(GOLDEN)) {
      const bytes = readFileSync(file);
      const name = file.slice(GOLDEN.length);
      const path = join(scratch, name);
      const attempts: [what: string, changed: Buffer][] = [];
      for (let at = 0; at < bytes.length; at++) {
        attempts.push([`bit ${at % 8} of byte ${at}`, flipped(bytes, at, at % 8)]);
        attempts.push([`cut to ${at} bytes`, bytes.subarray(0, at)]);
      }
      for (const [what, changed] of attempts) {
        // In place: copying the folder for each took half of the time.
        writeFileSync(path, changed);
        try {
          const { windows, sessions } = await goOn(scratch);
          const same =
            JSON.stringify([windows, sorted(sessions)]) === JSON.stringify([whole.windows, sorted(whole.sessions)]);
          problems.push(`${name}, ${what}: went on${same ? '' : ' with a wrong result'}`);
        } catch (error) {
          if (!(error instanceof MillraceError) || !error.code.startsWith('CHECKPOINT_')) {
            problems.push(`${name}, ${what}: ${String(error)}`);
          } else if (!JSON.stringify(error.fields).includes(name.split('/').at(-1) as string)) {
            problems.push(`${name}, ${what}: ${error.message} does not name it`);
          }
        }
      }
      // What is refused is left as it was, so that each attempt found one damaged file.
      expect(others(name)).toEqual([]);
      writeFileSync(path, bytes);
    }
    expect((await goOn(scratch)).windows).toEqual(whole.windows);
    expect(problems).toEqual([]);
  }, 240_000);

  it('a missing file, a foreign job and an unknown version are errors of their own', async () => {
    for (const file of filesIn(GOLDEN).filter((name) => !name.includes('/commits/'))) {
      const copy = copyOf(GOLDEN);
      rmSync(join(copy, file.slice(GOLDEN.length)));
      await expect(goOn(copy)).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
    }
  });
});

function flipped(bytes: Buffer, at: number, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ (1 << bit);
  return copy;
}
