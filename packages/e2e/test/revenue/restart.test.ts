import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { allOutput } from './support/outputs.ts';
import { runJob, startJob } from './support/run-job.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

test('another input or window is refused, and replaces the results and nothing else with --fresh', async () => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const summary = path.join(output, 'summary.json');
  const flags = ['--output', output, '--summary', summary];
  expect(await runJob([...flags, '--orders', '2000', '--seed', '3'])).toMatchObject({ code: 0 });
  const first = allOutput(output);
  writeFileSync(path.join(output, 'notes.txt'), 'mine');

  for (const other of [
    ['--orders', '900'],
    ['--orders', '2000', '--seed', '3', '--window', '1m'],
  ]) {
    const { code, stdout, stderr } = await runJob([...flags, ...other]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: output folder .* holds a job with .*--fresh\n$/);
    expect(allOutput(output)).toEqual(first);
  }

  expect(await runJob([...flags, '--orders', '900', '--fresh'])).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject({ read: 900 });
  expect(readdirSync(path.join(output, '.input'))).toHaveLength(1);
  expect(readFileSync(path.join(output, 'notes.txt'), 'utf8')).toBe('mine');

  expect(await runJob([...flags, '--orders', '2000', '--seed', '3', '--fresh'])).toMatchObject({ code: 0 });
  expect(allOutput(output)).toEqual(first);
  expect(JSON.parse(readFileSync(path.join(output, '.millrace/job.json'), 'utf8'))).toEqual({
    format: 2,
    name: 'revenue',
    preparing: false,
    identity: { input: { orders: 2000, seed: 3 }, windowMs: 300_000 },
    patterns: [path.join(output, '.input/orders-2000-3.ndjson')],
    folder: expect.any(String) as string,
  });
});

test('a finished job says so, writes the summary again, and changes nothing', async () => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const summary = path.join(folder, 'summary.json');
  const flags = ['--output', output, '--orders', '3000'];
  expect(await runJob([...flags, '--summary', summary])).toMatchObject({ code: 0 });
  const first = JSON.parse(readFileSync(summary, 'utf8')) as Record<string, number>;
  const before = readdirSync(path.join(output, 'revenue'));
  const { code, stdout } = await runJob([...flags, '--summary', summary, '--rate', '10']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/is complete/);
  const again = JSON.parse(readFileSync(summary, 'utf8')) as Record<string, number>;
  expect({ ...again, peakRssBytes: 0, seconds: 0 }).toEqual({ ...first, peakRssBytes: 0, seconds: 0 });
  expect(again['seconds']).toBeCloseTo(first['seconds'] as number, 0);
  expect(readdirSync(path.join(output, 'revenue'))).toEqual(before);
});

test('a job that was killed goes on where it was: counts and lines are those of the whole', async () => {
  const folder = temporaryFolder();
  const [killed, straight] = [path.join(folder, 'killed'), path.join(folder, 'straight')];
  const summary = path.join(folder, 'summary.json');
  const flags = ['--orders', '6000', '--seed', '5'];
  const job = startJob(['--output', killed, ...flags, '--rate', '2000']);
  while (!existsSync(path.join(killed, '.millrace/checkpoints/commits/2')))
    await new Promise((next) => setImmediate(next));
  job.child.kill('SIGKILL');
  await job.finished;
  const { code, stdout } = await runJob(['--output', killed, ...flags, '--summary', summary]);
  expect(code).toBe(0);
  const match = /^resumed from checkpoint (\d+), (\d+) orders in$/m.exec(stdout);
  expect(Number(match?.[1])).toBeGreaterThanOrEqual(2);
  expect(Number(match?.[2])).toBeGreaterThan(0);
  expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject({ read: 6000 });
  expect(await runJob(['--output', straight, ...flags])).toMatchObject({ code: 0 });
  const [one, other] = [allOutput(killed), allOutput(straight)];
  expect(one.revenue).toBe(other.revenue);
  expect(one.late).toBe(other.late);
});

test('a second start while the first one runs is refused', async () => {
  const output = path.join(temporaryFolder(), 'out');
  const job = startJob(['--output', output, '--rate', '2000']);
  await job.printed(/reading/);
  const { code, stderr } = await runJob(['--output', output]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/is running already/);
  job.child.kill('SIGINT');
  expect(await job.finished).toMatchObject({ code: 130 });
});

test('a folder whose first start was killed early is accepted', async () => {
  const output = temporaryFolder();
  mkdirSync(path.join(output, '.millrace'));
  writeFileSync(path.join(output, '.millrace/job.json.tmp'), '{"form');
  expect(await runJob(['--output', output, '--orders', '10'])).toMatchObject({ code: 0 });
  expect(readdirSync(path.join(output, '.millrace'))).toContain('job.json');
});

test('the default output folder is out/revenue in the current folder', async () => {
  const folder = temporaryFolder();
  expect(await runJob([], folder)).toMatchObject({ code: 0 });
  expect(existsSync(path.join(folder, 'out/revenue/.millrace/job.json'))).toBe(true);
});

test('a file that breaks while it is read fails the job: one line, exit code 1, no summary', async () => {
  const folder = temporaryFolder();
  const input = path.join(folder, 'broken.ndjson.gz');
  const summary = path.join(folder, 'summary.json');
  writeFileSync(input, 'this is not gzip');
  writeFileSync(summary, 'of an earlier run');
  const { code, stderr } = await runJob(['--input', input, '--output', path.join(folder, 'out'), '--summary', summary]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: .*broken\.ndjson\.gz.*$/m);
  expect(stderr).not.toMatch(/^ +at /m);
  expect(existsSync(summary)).toBe(false);
});
