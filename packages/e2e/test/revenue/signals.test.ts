import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { allOutput, outputLines } from './support/outputs.ts';
import { runJob, startJob } from './support/run-job.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** How long the process stands still (ms): longer than any buffer of the job lasts at the rate of the test. */
const PAUSE_MS = 1_000;

const SLOW = ['--orders', '6000', '--seed', '11', '--rate', '4000'];

test('a process that was stopped for a while in the middle writes the same bytes', async () => {
  const folder = temporaryFolder();
  const [paused, straight] = [path.join(folder, 'paused'), path.join(folder, 'straight')];
  const job = startJob(['--output', paused, ...SLOW]);
  await job.printed(/reading/);
  job.child.kill('SIGSTOP');
  await wait(PAUSE_MS);
  job.child.kill('SIGCONT');
  expect(await job.finished).toMatchObject({ code: 0 });

  expect(await runJob(['--output', straight, ...SLOW.slice(0, 4)])).toMatchObject({ code: 0 });
  const [one, other] = [allOutput(paused), allOutput(straight)];
  expect(one.revenue).toBe(other.revenue);
  expect(one.late).toBe(other.late);
  expect(one['dead-letter'].replaceAll(paused, '')).toBe(other['dead-letter'].replaceAll(straight, ''));
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s stops the job in good order: complete lines, no summary, exit code %d', async (signal, code) => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const summary = path.join(folder, 'summary.json');
  const job = startJob(['--output', output, '--summary', summary, '--rate', '500']);
  await job.printed(/reading/);
  job.child.kill(signal);
  const { stdout, stderr, ...ended } = await job.finished;
  expect(ended).toEqual({ code, signal: null });
  expect(stderr).toMatch(/stopped/);
  expect(stderr).not.toMatch(/error/);
  expect(stdout).not.toMatch(/results/i);
  expect(existsSync(summary)).toBe(false);
  for (const name of ['revenue', 'late', 'dead-letter']) outputLines(path.join(output, name));
});
