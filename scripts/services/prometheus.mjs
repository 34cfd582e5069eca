/** Prometheus for tests: `prometheus` and `promtool`, from Debian's package `prometheus` where they are not there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.mjs';
import { aptInstall, canInstall, programPath } from './debian.mjs';
import { serverFolder, startServer } from './server-process.mjs';

/** Why Prometheus cannot run here; `''`: it can. */
export function missing() {
  return programPath('prometheus') === undefined ? 'there is no prometheus' : '';
}

/** Installs it if that is possible. Returns why it cannot run here; `''`: it can. */
export function prepare() {
  if (missing() === '' || !canInstall()) return missing();
  return aptInstall('prometheus') || missing();
}

/** Path of the program that checks metrics; `undefined`: it is not there. */
export function promtool() {
  return programPath('promtool');
}

/**
 * A server of its own, that asks `targets` (host:port) for `path` several times a second.
 *
 * @param {{ targets?: string[], path?: string }} [options]
 */
export async function start({ targets = [], path = '/metrics' } = {}) {
  const port = await freePort();
  const folder = serverFolder('prometheus');
  const config = join(folder, 'prometheus.yml');
  // JSON is YAML, too.
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: '200ms', scrape_timeout: '200ms', evaluation_interval: '1m' },
      scrape_configs: [{ job_name: 'millrace', metrics_path: path, honor_labels: true, static_configs: [{ targets }] }],
    }),
  );
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const command = programPath('prometheus');
  const url = `http://127.0.0.1:${port}`;
  const server = { name: 'prometheus', command, args, folder, port };
  const { stop } = await startServer({ ...server, isReady: () => answersQueries(url) });
  return { url, port, stop };
}

/** It listens before it has opened its storage, and answers questions with 503 until then. */
async function answersQueries(url) {
  try {
    return (await fetch(`${url}/-/ready`)).ok;
  } catch {
    return false; // it does not listen yet
  }
}
