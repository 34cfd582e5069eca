import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const SETUP = resolve(import.meta.dirname, '../../../../scripts/setup.mjs');

/**
 * Stands in for npm: notes its arguments and the options it was handed, does what `npm ci` does to node_modules, and then
 * what the file `npm-does` says: `hang` (to be killed half-way), `fail`, or nothing special.
 */
const FAKE_NPM = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
const options = Object.keys(process.env).filter((name) => /^npm_config_/i.test(name));
rmSync('node_modules', { recursive: true, force: true });
mkdirSync('node_modules');
writeFileSync('node_modules/half', '');
const does = existsSync('npm-does') ? readFileSync('npm-does', 'utf8') : '';
appendFileSync('npm-calls', JSON.stringify({ pid: process.pid, args: process.argv.slice(2), options }) + '\\n');
if (does === 'fail') process.exit(7);
if (does === 'hang') setInterval(() => {}, 1000);
`;

interface Call {
  readonly pid: number;
  readonly args: string[];
  readonly options: string[];
}

let root: string;
let started: ChildProcess[];

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-setup-')));
  started = [];
  mkdirSync(join(root, 'scripts'));
  mkdirSync(join(root, 'npm'));
  copyFileSync(SETUP, join(root, 'scripts/setup.mjs'));
  writeFileSync(join(root, 'npm/package.json'), '{ "type": "module" }');
  writeFileSync(join(root, 'npm/npm-cli.js'), FAKE_NPM);
  writeFileSync(join(root, 'package-lock.json'), '{ "lockfileVersion": 3 }');
});
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const { pid } of calls()) kill(pid);
  rmSync(root, { recursive: true, force: true });
});

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}

function start(verb: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, ['scripts/setup.mjs', verb], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], npm_execpath: join(root, 'npm/npm-cli.js'), ...env },
  });
  started.push(child);
  return child;
}

async function end(child: ChildProcess): Promise<{ code: number | null; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

const setup = (verb: string, env?: NodeJS.ProcessEnv) => end(start(verb, env));

const npmDoes = (what: string) => writeFileSync(join(root, 'npm-does'), what);

function calls(): Call[] {
  const file = join(root, 'npm-calls');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = text.split('\n').slice(0, -1); // the last one is still being written
  return lines.map((line) => JSON.parse(line) as Call);
}

/** Resolves once npm was called `count` times. */
async function npmCalled(count: number): Promise<Call> {
  const stop = new AbortController();
  const changes = watch(root, { signal: stop.signal });
  try {
    while (calls().length < count) await once(changes, 'change');
  } finally {
    stop.abort();
  }
  return calls()[count - 1] as Call;
}

const stamp = () => join(root, 'node_modules/.millrace-setup.json');

describe('the set-up', () => {
  test('installs everything once, then has nothing to do for any verb', async () => {
    expect(await setup('test')).toMatchObject({ code: 0, stdout: '' });
    for (const verb of ['test', 'start', 'lint', 'all'])
      expect(await setup(verb)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(calls()).toHaveLength(1);
    expect(calls()[0]?.args).not.toContain('-w');
  });

  test('installs core and the examples only for start, which does not cover other verbs', async () => {
    expect((await setup('start')).stderr).toBe('setting up (first time): installing examples, packages/core\n');
    await setup('start');
    expect(calls()).toHaveLength(1);
    expect(calls()[0]?.args.slice(-4)).toEqual(['-w', 'examples', '-w', 'packages/core']);
    await setup('test');
    expect(calls()).toHaveLength(2);
    await setup('start');
    expect(calls()).toHaveLength(2);
  });

  test('installs again when the lock file changed', async () => {
    await setup('test');
    writeFileSync(join(root, 'package-lock.json'), '{ "lockfileVersion": 3, "packages": {} }');
    await setup('test');
    expect(calls()).toHaveLength(2);
  });

  test('trusts nothing but its stamp', async () => {
    mkdirSync(join(root, 'node_modules/tsx'), { recursive: true });
    await setup('test');
    expect(calls()).toHaveLength(1);
    writeFileSync(stamp(), '{ "lockFile": "torn');
    await setup('test');
    expect(calls()).toHaveLength(2);
  });

  test('is repeated after a failure, which is told in one line with exit code 1', async () => {
    npmDoes('fail');
    const { code, stderr } = await setup('test');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^millrace: the set-up failed: "npm ci .*" ended with exit code 7; its message is above$/m);
    npmDoes('');
    expect(await setup('test')).toMatchObject({ code: 0 });
    expect(calls()).toHaveLength(2);
  });

  test('says so if there is no npm', async () => {
    const { code, stderr } = await setup('test', { npm_execpath: undefined, PATH: root });
    expect(code).toBe(1);
    expect(stderr).toContain('millrace: the set-up cannot run npm');
  });

  test('hides from npm what the outer npm was told, and nothing else', async () => {
    await setup('test', { npm_config_workspace: 'x', NPM_CONFIG_OMIT: 'dev', npm_config_cache: join(root, 'cache') });
    expect(calls()[0]?.options).toEqual(['npm_config_cache']);
  });
});

describe('a set-up that is killed half-way', () => {
  test('leaves no stamp, even if an older one was there, and is repeated', async () => {
    await setup('start');
    npmDoes('hang');
    const first = start('test');
    const { pid } = await npmCalled(2);
    first.kill('SIGKILL');
    await once(first, 'exit');
    kill(pid);
    expect(existsSync(stamp())).toBe(false);

    npmDoes('');
    expect(await setup('start')).toMatchObject({ code: 0 });
    expect(calls()).toHaveLength(3);
    expect(existsSync(stamp())).toBe(true);
  });

  test('ends its npm when it is told to stop', async () => {
    npmDoes('hang');
    const first = start('test');
    const { pid } = await npmCalled(1);
    first.kill('SIGTERM');
    await once(first, 'exit');
    expect(first.signalCode).toBe('SIGTERM');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('two set-ups at a time', () => {
  test('one installs, the other waits and finds it done', async () => {
    const both = await Promise.all([setup('test'), setup('test')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(calls()).toHaveLength(1);
  });

  test('a second one waits for the npm of a first one that was killed', async () => {
    npmDoes('hang');
    const first = start('test');
    const orphan = await npmCalled(1);
    first.kill('SIGKILL');
    await once(first, 'exit');

    npmDoes('');
    const second = start('test');
    const ended = end(second);
    await new Promise<void>((waits) => {
      second.stderr?.on('data', (chunk: Buffer) => chunk.toString().includes('another set-up is running') && waits());
    });
    expect(calls()).toHaveLength(1);
    kill(orphan.pid);
    expect(await ended).toMatchObject({ code: 0 });
    expect(calls()).toHaveLength(2);
  });
});
