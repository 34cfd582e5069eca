import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { lines, orderLine } from './support/order-line.ts';
import { runJob } from './support/run-job.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** Runs with flags that cannot work: one line that matches, exit code 2. */
async function refused(message: RegExp, flags: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runJob(flags);
  expect(stderr).toMatch(/^error: [^\n]+\n$/);
  expect(stderr).toMatch(message);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
}

test('--help explains every flag and starts nothing', async () => {
  const { code, stdout, stderr } = await runJob(['--help', '--output', '/dev/null/x']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const flag of ['input', 'output', 'window', 'summary', 'rate', 'orders', 'seed', 'help']) {
    expect(stdout).toContain(`--${flag}`);
  }
});

test.each([
  [/Unknown option '--frobnicate'/, ['--frobnicate']],
  [/Unexpected argument 'orders\.ndjson'/, ['orders.ndjson']],
  [/--rate needs a value/, ['--rate', '-5']],
  [/--window is "5 parsecs"/, ['--window', '5 parsecs']],
  [/--orders is "1e6"/, ['--orders', '1e6']],
  [/input file no\/such\.ndjson does not exist/, ['--input', 'no/such.ndjson']],
  [/input file package\.json\/x (cannot be read: not a directory|does not exist)/, ['--input', 'package.json/x']],
  [/input no-such-\*\.ndjson matches no file/, ['--input', 'no-such-*.ndjson']],
  [/input scripts matches no file/, ['--input', 'scripts']],
  [/input \.\/package\.json is given twice/, ['--input', 'package.*', '--input', './package.json']],
  [/output folder \/dev\/null cannot be used: not a directory/, ['--output', '/dev/null']],
  [/output folder \/dev\/null\/x cannot be used: not a directory/, ['--output', '/dev/null/x']],
  [/output folder \/proc\/x\/y cannot be written: no such file or directory/, ['--output', '/proc/x/y']],
])('one clear line and exit code 2: %s', async (message, flags) => {
  const folder = temporaryFolder();
  const output = flags.includes('--output') ? [] : ['--output', path.join(folder, 'out')];
  await refused(message, [...output, ...flags]);
  expect(readdirSync(folder)).toEqual([]);
});

test('an output folder with files of somebody else is refused and left as it is', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'thesis.txt'), '');
  mkdirSync(path.join(folder, 'revenue'));
  await refused(/is not empty and not from an earlier run .*"revenue", "thesis\.txt"/, ['--output', folder]);
  expect(readdirSync(folder)).toEqual(['revenue', 'thesis.txt']);

  mkdirSync(path.join(folder, '.millrace'));
  writeFileSync(path.join(folder, '.millrace/job.json'), '{"format":1,"name":"other"}');
  await refused(/holds results of the job "other"/, ['--output', folder]);
});

test('an input that the start would delete is refused, also behind a link or a glob', async () => {
  const folder = temporaryFolder();
  const output = path.join(folder, 'out');
  const input = path.join(folder, 'a.ndjson');
  writeFileSync(input, lines(orderLine({ event_time: 0 }), orderLine(), orderLine({ event_time: 1 })));
  expect(await runJob(['--input', input, '--output', output])).toMatchObject({ code: 0 });
  const late = path.join(output, 'late', readdirSync(path.join(output, 'late'))[0] ?? '');
  symlinkSync(late, path.join(folder, 'link.ndjson'));
  for (const inside of [
    late,
    path.join(output, 'late'),
    path.join(output, 'late', '*'),
    path.join(folder, 'link.ndjson'),
  ]) {
    await refused(/is in the output folder .*, where this start would delete it/, [
      '--input',
      inside,
      '--output',
      output,
      '--fresh',
    ]);
  }
  expect(existsSync(late)).toBe(true);
});

test('a summary that cannot be written is refused before anything is replaced', async () => {
  const folder = temporaryFolder();
  const output = ['--output', path.join(folder, 'out')];
  const input = path.join(folder, 'a.ndjson');
  writeFileSync(input, lines(orderLine()));
  await refused(/--summary \/dev\/null\/s\.json cannot be written/, [...output, '--summary', '/dev/null/s.json']);
  await refused(/--summary .* cannot be written: it is a folder/, [...output, '--summary', folder]);
  await refused(/--summary .* would replace an input file/, [...output, '--input', input, '--summary', input]);
  expect(readdirSync(folder)).toEqual(['a.ndjson']);
});
