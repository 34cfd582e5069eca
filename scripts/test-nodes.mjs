/**
 * `npm run test:nodes`: the tests on other versions of Node, which npm packages carry. They are installed once, below
 * .cache/nodes. All versions run, whatever the first one says; the last lines are the results.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ROOT, setupOrExit } from './setup.mjs';
import { bin, npm, run } from './tools.mjs';

const MAJORS = [22, 24];

const versionOf = (file) => spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim();

/** The program of that version, installed if it is not there or does not start. */
async function nodeOf(major) {
  const folder = join(ROOT, '.cache', 'nodes', String(major));
  const file = join(folder, 'node_modules', 'node', 'bin', 'node');
  if (!versionOf(file)?.startsWith(`v${major}.`)) {
    process.stderr.write(`installing Node ${major}\n`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    await npm(['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${major}`], { cwd: folder });
  }
  return { file, version: versionOf(file) };
}

await setupOrExit('test:nodes');
const results = [];
for (const major of MAJORS) {
  const { file, version } = await nodeOf(major);
  if (version === undefined) {
    results.push({ major, code: 1, words: 'cannot be installed from the npm registry here' });
    continue;
  }
  process.stdout.write(`\nNode ${version}\n`);
  const env = { ...process.env, PATH: `${dirname(file)}${delimiter}${process.env.PATH}` };
  const code = await run(file, [bin('vitest'), 'run', ...process.argv.slice(2)], { env });
  results.push({ major, code, words: `${version}: ${code === 0 ? 'passed' : `failed (exit code ${code})`}` });
}
process.stdout.write('\n');
for (const { major, words } of results) process.stdout.write(`Node ${major}: ${words}\n`);
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1;
