/** A real schema registry for tests: Apicurio with Confluent's interface, data in memory, gone with the process that started it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../free-port.mjs';
import { javaProblem } from '../kafka/broker-program.mjs';
import { cacheFolder, realpathIs } from '../kafka/paths.mjs';
import { serverFolder, startServer } from './server-process.mjs';

const VERSION = '3.0.9';
const ARTIFACT = 'apicurio-registry-app';
const READY_MS = 120_000;

const programFolder = () => join(cacheFolder(), 'apicurio', VERSION);
const programFile = () => join(programFolder(), `${ARTIFACT}-${VERSION}-runner.jar`);

/** Why no registry can run here; `''`: one can. */
export function missing() {
  if (existsSync(programFile())) return spawnSync('java', ['-version']).status === 0 ? '' : 'there is no Java';
  const problem = javaProblem();
  if (problem !== undefined) return problem;
  return spawnSync('mvn', ['-v']).status === 0 ? '' : 'there is no Maven (mvn) to fetch the registry with';
}

/**
 * Starts a registry whose policy for all subjects is BACKWARD (Confluent's default; Apicurio's own is NONE).
 *
 * @param {{ port?: number }} [options]
 * @returns {Promise<{ url: string, kill: () => Promise<void>, stop: () => Promise<void> }>}
 */
export async function start({ port: wanted = 0 } = {}) {
  if (!existsSync(programFile())) fetchProgram();
  const port = wanted === 0 ? await freePort() : wanted;
  const args = [
    ...['-Xms64m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'],
    ...[`-Dquarkus.http.port=${port}`, '-Dquarkus.http.host=127.0.0.1', '-jar', programFile()],
  ];
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const server = { name: 'registry', command: 'java', args, folder: serverFolder('registry'), port };
  const { stop, kill } = await startServer({ ...server, isReady: () => takesPolicy(url), readyMs: READY_MS });
  return { url, kill, stop };
}

async function takesPolicy(url) {
  try {
    const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
    const body = JSON.stringify({ compatibility: 'BACKWARD' });
    return (await fetch(`${url}/config`, { method: 'PUT', headers, body })).ok;
  } catch {
    return false; // it does not listen yet
  }
}

/** Unpacked aside and renamed: two may do it at once. */
function fetchProgram() {
  process.stderr.write(`setting up the schema registry: fetching Apicurio ${VERSION} (110 MB, once)\n`);
  const parent = join(programFolder(), '..');
  mkdirSync(parent, { recursive: true });
  const own = mkdtempSync(join(parent, 'tmp-'));
  try {
    const artifact = `io.apicurio:${ARTIFACT}:${VERSION}:tar.gz:all`;
    run('mvn', ['-q', '-B', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${own}`]);
    const archive = join(own, `${ARTIFACT}-${VERSION}-all.tar.gz`);
    run('tar', ['-xzf', archive, '-C', own]);
    rmSync(archive);
    try {
      renameSync(own, programFolder());
    } catch (error) {
      if (!existsSync(programFile())) throw error;
    }
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function run(command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} cannot fetch the registry:\n${stdout}${stderr}`);
}

if (realpathIs(import.meta.url)) {
  const registry = await start({ port: Number(process.argv[2] ?? 0) });
  process.stdout.write(`${registry.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void registry.stop());
}
