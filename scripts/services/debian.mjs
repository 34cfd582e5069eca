/** Programs of Debian packages: found on the machine, or installed once where that can be done without asking anybody. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const APT_MS = 300_000;

/** Path of a program; `undefined`: it is neither on the path nor in `folders`. */
export function programPath(name, folders = []) {
  const all = [...(process.env.PATH ?? '').split(delimiter), ...folders];
  return all.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

/** Folders of PostgreSQL's programs, which Debian keeps off the path; the newest first. */
export function postgresFolders() {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root) : [];
  return versions.sort((a, b) => Number(b) - Number(a)).map((version) => join(root, version, 'bin'));
}

/** Whether packages can be installed here: as root, with apt. */
export function canInstall() {
  return process.getuid?.() === 0 && programPath('apt-get') !== undefined;
}

/** Installs a package. Returns why that failed; `''`: it did not. */
export function aptInstall(name) {
  process.stderr.write(`setting up services: installing ${name}\n`);
  // Nothing is to be started by it: tests start servers of their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const apt = (...args) => spawnSync('apt-get', args, { env, encoding: 'utf8', timeout: APT_MS });
  const install = () => apt('install', '-y', '--no-install-recommends', name);
  let result = install();
  if (result.status !== 0) {
    apt('update');
    result = install();
  }
  if (result.status === 0) return '';
  const said = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`.trim().split('\n').at(-1);
  return `apt-get install ${name} failed: ${said}`;
}
