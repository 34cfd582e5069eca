import path from 'node:path';
import { expect, test } from 'vitest';
import { calculate } from './reference/calculate.ts';
import { inputFile } from './support/check-job.ts';
import { expectResults, expectSummary } from './support/expect-results.ts';
import { ROOT, runJob } from './support/run-job.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const BUNDLED = 'examples/data/orders.ndjson';

test('without flags but --output the job reads the bundled input and equals the reference', async () => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const summary = path.join(folder, 'summary.json');
  const { code, stdout, stderr } = await runJob(['--output', output, '--summary', summary]);
  expect(code, stderr).toBe(0);
  const expected = calculate([[{ ...inputFile(path.join(ROOT, BUNDLED)), path: BUNDLED }]], 300_000);
  expect(expected.late.length).toBeGreaterThan(50);
  expect(expected.deadLetters.length).toBeGreaterThan(50);
  expectResults(output, expected);
  expectSummary(summary, expected);

  // What people read at the end: a table, the counts, an example of what was late, and where everything is.
  expect(stdout).toMatch(/window start +orders +revenue +average +category\n/);
  expect(stdout).toMatch(/2026-01-05T08:\d\d:00Z +\d+ +[\d,]+\.\d\d +[\d,]+\.\d\d +electronics/);
  expect(stdout).toMatch(/10,000 read/);
  expect(stdout).toContain(`${expected.late.length} late`);
  expect(stdout).toContain(`${expected.deadLetters.length} malformed`);
  expect(stdout).toContain(path.join(output, 'revenue'));
});

test('generated orders are written into the output folder, and their results equal the reference', async () => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const summary = path.join(folder, 'summary.json');
  const flags = ['--orders', '30000', '--seed', '7', '--window', '7m'];
  const { code, stderr } = await runJob(['--output', output, '--summary', summary, ...flags]);
  expect(code, stderr).toBe(0);
  const expected = calculate([[inputFile(path.join(output, '.input/orders-30000-7.ndjson'))]], 420_000);
  expect(expected.read).toBe(30_000);
  expectResults(output, expected);
  expectSummary(summary, expected);
});
