/** Redis for tests: `redis-server`, from Debian's package of that name where it is not there. */
import { freePort } from '../free-port.mjs';
import { aptInstall, canInstall, programPath } from './debian.mjs';
import { serverFolder, startServer } from './server-process.mjs';

/** Why Redis cannot run here; `''`: it can. */
export function missing() {
  return programPath('redis-server') === undefined ? 'there is no redis-server' : '';
}

/** Installs it if that is possible. Returns why it cannot run here; `''`: it can. */
export function prepare() {
  if (missing() === '' || !canInstall()) return missing();
  return aptInstall('redis-server') || missing();
}

/** A server of its own, which keeps what it has acknowledged when it is killed. */
export async function start() {
  const port = await freePort();
  const folder = serverFolder('redis');
  const settings = [
    '--port',
    port,
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
  ];
  const args = [...settings, '--save', ''].map(String);
  const command = programPath('redis-server');
  const { stop } = await startServer({ name: 'redis', command, args, folder, port });
  return { url: `redis://127.0.0.1:${port}`, port, stop };
}
