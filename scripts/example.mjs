/**
 * `npm run example [-- NAME]`: runs a program of packages/kafka/examples; without a name, lists them. What a program needs
 * (its line `needs: ...`) it finds where the environment says, or at the usual address of a broker; else it is started for
 * this one run, if it can be.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBroker } from './kafka/find-broker.mjs';
import * as postgres from './services/postgres.mjs';
import * as redis from './services/redis.mjs';
import * as registry from './services/registry.mjs';
import { ROOT } from './setup.mjs';
import { node } from './tools.mjs';

const FOLDER = join(ROOT, 'packages', 'kafka', 'examples');
/** Where a broker is, if nobody says otherwise. */
const BROKER_PORT = 9092;

/** Other servers: the variable that says where one is, and how one is started. */
const SERVERS = {
  postgres: { variable: 'DATABASE_URL', service: postgres },
  redis: { variable: 'REDIS_URL', service: redis },
  registry: { variable: 'REGISTRY_URL', service: registry },
};

const examples = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -'.ts'.length));

const [name, ...rest] = process.argv.slice(2);
if (name === undefined) list();
else if (examples.includes(name)) process.exitCode = await runExample(name, rest);
else fail(`there is no example ${JSON.stringify(name)}; there are ${examples.join(', ')}`);

function list() {
  const width = Math.max(...examples.map((one) => one.length));
  process.stdout.write('npm run example -- NAME\n\n');
  for (const one of examples) process.stdout.write(`  ${one.padEnd(width)}  ${titleOf(one)}\n`);
  process.stdout.write(
    '\nKAFKA_BOOTSTRAP says where the brokers are, TOPIC what to read; the programs say what else.\n',
  );
}

/** Runs it with what it needs. Returns its exit code. */
async function runExample(example, args) {
  const stops = [];
  const env = {};
  try {
    for (const need of needsOf(example)) {
      const { variables, stop } = need === 'kafka' ? await broker() : await server(need);
      Object.assign(env, variables);
      stops.push(stop);
    }
    const program = ['--conditions=millrace-source', '--import', 'tsx', join(FOLDER, `${example}.ts`), ...args];
    return await node(program, { env: { ...process.env, ...env } });
  } catch (error) {
    return fail(error.message);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** One that is there; else one for this run, with a folder for what jobs remember of it. */
async function broker() {
  const nothing = { variables: {}, stop: () => undefined };
  if (process.env.KAFKA_BOOTSTRAP) return nothing;
  if (await listens(BROKER_PORT)) return nothing;
  say(`no broker at localhost:${BROKER_PORT} and no KAFKA_BOOTSTRAP: one is started for this run`);
  const found = await findBroker();
  if (found.missing !== undefined) throw new Error(`no broker can be started: ${found.missing}. Set KAFKA_BOOTSTRAP.`);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-example-'));
  const stop = async () => {
    await found.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { variables: { KAFKA_BOOTSTRAP: found.bootstrap, EXAMPLE_FOLDER: folder }, stop };
}

async function server(need) {
  const { variable, service } = SERVERS[need];
  if (process.env[variable]) return { variables: {}, stop: () => undefined };
  const missing = service.prepare?.() ?? service.missing();
  if (missing !== '') throw new Error(`${missing}. Set ${variable} to the address of one.`);
  say(`no ${variable}: ${need} is started for this run`);
  const { url, stop } = await service.start();
  return { variables: { [variable]: url }, stop };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, 'localhost');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function textOf(example) {
  return readFileSync(join(FOLDER, `${example}.ts`), 'utf8');
}

/** The first line of its comment. */
function titleOf(example) {
  return /^\/\*\*\n \* (.*)$/m.exec(textOf(example))?.[1] ?? '';
}

function needsOf(example) {
  return (/^ \* needs: (.*)$/m.exec(textOf(example))?.[1] ?? 'kafka').split(', ');
}

function say(text) {
  process.stderr.write(`millrace: ${text}\n`);
}

function fail(text) {
  say(text);
  process.exitCode = 2;
  return 2;
}
