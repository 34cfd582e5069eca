import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { allOutput } from './support/outputs.ts';
import { runJob } from './support/run-job.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

test('a second start replaces the results of the first and nothing else', async () => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const summary = path.join(output, 'summary.json');
  const flags = ['--output', output, '--summary', summary];
  expect(await runJob([...flags, '--orders', '2000', '--seed', '3'])).toMatchObject({ code: 0 });
  const first = allOutput(output);
  writeFileSync(path.join(output, 'notes.txt'), 'mine');

  expect(await runJob([...flags, '--orders', '900'])).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(summary, 'utf8'))).toMatchObject({ read: 900 });
  expect(readdirSync(path.join(output, '.input'))).toHaveLength(1);
  expect(readFileSync(path.join(output, 'notes.txt'), 'utf8')).toBe('mine');

  expect(await runJob([...flags, '--orders', '2000', '--seed', '3'])).toMatchObject({ code: 0 });
  expect(allOutput(output)).toEqual(first);
  expect(JSON.parse(readFileSync(path.join(output, '.millrace/job.json'), 'utf8'))).toEqual({
    format: 1,
    name: 'revenue',
    inputs: [path.join(output, '.input/orders-2000-3.ndjson')],
    windowMs: 300_000,
  });
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
