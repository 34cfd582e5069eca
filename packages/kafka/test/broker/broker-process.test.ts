/** `npm run kafka` as a process of its own: whatever ends it, no broker outlives it. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, vi } from 'vitest';
import { newFolder, withOwnBroker } from '../setup/fixture.ts';

const MAIN = path.join(import.meta.dirname, '../../../../scripts/kafka/main.mjs');
/** A bound on hangs, milliseconds. */
const POLLING = { timeout: 60_000, interval: 50 };

/** Processes that run, zombies aside. */
function processes() {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', args = ''] = /^ *(\d+) +(\d+) +(\S+) (.*)$/.exec(line) ?? [];
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
  });
}

/** Starts `npm run kafka`, with Java, where a program named docker answers `info` so and fails to run anything. */
function startMain(dockerInfo: 0 | 1) {
  const bin = path.join(newFolder(), 'bin');
  mkdirSync(bin);
  const docker = path.join(bin, 'docker');
  writeFileSync(docker, `#!/bin/sh\n[ "$1" = info ] && exit ${dockerInfo}\necho 'no such registry' >&2\nexit 125\n`);
  chmodSync(docker, 0o755);
  const temporary = newFolder();
  const env = { ...process.env, KAFKA_BOOTSTRAP: '', PATH: `${bin}:${process.env['PATH'] ?? ''}`, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = (): void => void child.kill('SIGKILL');
  process.on('exit', kill);
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => (said[name] += text));
  const ended = new Promise<number | null>((resolve) =>
    child.on('close', (code) => {
      process.removeListener('exit', kill);
      resolve(code);
    }),
  );
  /** Its Java process, once it has appeared, and the folder that holds its logs. */
  const broker = (): Promise<{ readonly pid: number; readonly folder: string }> =>
    vi.waitFor(() => {
      const found = processes().find(({ parent, args }) => parent === child.pid && args.includes('kafka.Kafka'));
      if (found === undefined) throw new Error(`there is no broker: ${said.stderr}`);
      const properties = found.args.split(' ').at(-1) as string; // split never gives an empty list
      return { pid: found.pid, folder: path.dirname(path.dirname(properties)) };
    }, POLLING);
  const ready = () => vi.waitFor(() => expect(said.stderr).toMatch(/Kafka is ready at .* with Java/), POLLING);
  return { child, said, ended, broker, ready };
}

const gone = (broker: { readonly pid: number; readonly folder: string }): Promise<void> =>
  vi.waitFor(() => {
    expect(processes().filter(({ pid }) => pid === broker.pid)).toEqual([]);
    expect(existsSync(broker.folder)).toBe(false);
  }, POLLING);

withOwnBroker('npm run kafka', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGHUP', 129],
    ['SIGKILL', null],
  ] as const)('%s while the broker starts ends the broker', async (signal, code) => {
    const main = startMain(1);
    const broker = await main.broker();
    expect(existsSync(broker.folder)).toBe(true);
    main.child.kill(signal);
    expect(await main.ended).toBe(code);
    expect(main.said.stdout).toBe('');
    await gone(broker);
  });

  it('SIGKILL ends the broker that is ready, too; one that cannot run in Docker runs with Java', async () => {
    const main = startMain(0);
    await main.ready();
    expect(main.said.stderr).toMatch(/Docker is pulling apache\/kafka[^]*Docker cannot run apache\/kafka.*no such reg/);
    const broker = await main.broker();
    main.child.kill('SIGKILL');
    await main.ended;
    await gone(broker);
  });

  it('SIGTERM stops the broker that is ready in order', async () => {
    const main = startMain(1);
    await main.ready();
    const broker = await main.broker();
    main.child.kill('SIGTERM');
    expect(await main.ended).toBe(0);
    await gone(broker);
  });
});
