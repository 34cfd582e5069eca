/** PostgreSQL for tests: `postgres` and `initdb`, from Debian's package `postgresql` where they are not there. */
import { spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.mjs';
import { aptInstall, canInstall, postgresFolders, programPath } from './debian.mjs';
import { serverFolder, startServer } from './server-process.mjs';

const isRoot = () => process.getuid?.() === 0;
const find = (name) => programPath(name, postgresFolders());

/** Why PostgreSQL cannot run here; `''`: it can. */
export function missing() {
  const absent = ['postgres', 'initdb'].filter((name) => find(name) === undefined);
  if (absent.length > 0) return `there is no ${absent.join(' and no ')} (PostgreSQL)`;
  if (isRoot() && programPath('setpriv') === undefined)
    return 'PostgreSQL does not run as root, and there is no setpriv';
  return '';
}

/** Installs it if that is possible. Returns why it cannot run here; `''`: it can. */
export function prepare() {
  if (missing() === '' || !canInstall()) return missing();
  return aptInstall('postgresql') || missing();
}

/** Of `nobody`: the server refuses to run as root, and needs no account of its own. */
const NOBODY = 65_534;

/** A command as somebody who may run PostgreSQL. `--pdeathsig` is not kept over a change of user: the guard ends it. */
function asUser(command, args) {
  if (!isRoot()) return [command, args];
  const user = ['--reuid', String(NOBODY), '--regid', String(NOBODY), '--clear-groups', command, ...args];
  return [programPath('setpriv'), user];
}

/** A server of its own, with its defaults: what it has committed is on disk. */
export async function start() {
  const port = await freePort();
  const folder = serverFolder('postgres');
  if (isRoot()) chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  const made = asUser(find('initdb'), [
    '-D',
    data,
    '-U',
    'millrace',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--no-sync',
    '--locale=C',
  ]);
  const { status, stdout, stderr } = spawnSync(...made, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`initdb failed:\n${stdout}${stderr}`);
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    max_connections: 60,
    shared_buffers: '32MB',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = asUser(find('postgres'), ['-D', data, ...options]);
  // SIGINT: the server's fast shutdown, which does not wait for its clients.
  const { stop } = await startServer({
    name: 'postgres',
    command,
    args,
    folder,
    port,
    signal: 'SIGINT',
    readyText: 'ready to accept connections',
  });
  return { url: `postgres://millrace@127.0.0.1:${port}/postgres`, port, stop };
}
