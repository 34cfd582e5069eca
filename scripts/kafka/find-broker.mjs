/**
 * A broker, wherever it can be had:
 *
 *   KAFKA_BOOTSTRAP  --> that one, as it is
 *   Docker           --> apache/kafka, if `docker info` answers within 3 s and the image can be run
 *   Java and Maven   --> Apache Kafka from Maven Central, in a cache
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { startBroker } from './broker.mjs';
import { freePort } from '../free-port.mjs';
import { brokerClassPath, javaProblem, KAFKA_VERSION } from './broker-program.mjs';
import { startGuard } from './guard.mjs';

const DOCKER_INFO_MS = 3_000;
const READY_MS = 60_000;
const IMAGE = `apache/kafka:${KAFKA_VERSION}`;

/**
 * A broker, or why there is none.
 *
 * @typedef {{ how: string, bootstrap: string, missing?: undefined, stop: () => Promise<unknown>,
 *   exited?: () => Promise<unknown> }} FoundBroker
 * @param {{ port?: number }} [options]
 * @returns {Promise<FoundBroker | { missing: string, bootstrap?: undefined }>}
 */
export async function findBroker({ port = 0 } = {}) {
  const given = process.env.KAFKA_BOOTSTRAP;
  if (given !== undefined && given !== '')
    return { how: 'KAFKA_BOOTSTRAP', bootstrap: given, stop: () => Promise.resolve() };
  const docker = hasDocker() ? await inDocker(port) : { missing: 'Docker does not answer' };
  if (docker.missing === undefined) return docker;
  const problem = javaProblem();
  if (problem !== undefined) return { missing: `there is no KAFKA_BOOTSTRAP, ${docker.missing}, and ${problem}` };
  const broker = await startBroker({ port });
  return { how: `Apache Kafka ${KAFKA_VERSION} with Java`, ...broker };
}

/** Kafka's own tools, for tests; `undefined` without Java. */
export function toolsClassPath() {
  return javaProblem() === undefined ? brokerClassPath() : undefined;
}

function hasDocker() {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: DOCKER_INFO_MS }).status === 0;
}

function hasImage() {
  return spawnSync('docker', ['image', 'inspect', IMAGE], { stdio: 'ignore' }).status === 0;
}

async function inDocker(wanted) {
  const port = wanted === 0 ? await freePort() : wanted;
  const env = {
    KAFKA_NODE_ID: 1,
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1,
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 1,
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: 1,
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0,
  };
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const name = `millrace-kafka-${randomBytes(6).toString('hex')}`;
  const args = ['run', '-d', '--rm', '--name', name, '-p', `127.0.0.1:${port}:${port}`, ...variables, IMAGE];
  const guard = startGuard();
  guard.watch({ containers: [name] });
  const remove = () => spawnSync('docker', ['rm', '-f', name], { stdio: 'ignore' });
  process.on('exit', remove);
  const stop = async () => {
    process.removeListener('exit', remove);
    await guard.end();
  };
  if (!hasImage()) process.stderr.write(`setting up Kafka: Docker is pulling ${IMAGE} (once)\n`);
  const problem = await dockerProblem(args);
  const missing = problem === undefined ? await untilReady(name) : `Docker cannot run ${IMAGE}: ${problem}`;
  if (missing === undefined) return { how: 'Docker', bootstrap: `127.0.0.1:${port}`, stop };
  process.stderr.write(`millrace: ${missing}\n`);
  await stop();
  return { missing };
}

/** Runs docker; what it complains of if it fails. Signals are heard meanwhile: pulling an image takes its time. */
function dockerProblem(args) {
  return new Promise((resolve) => {
    const child = spawn('docker', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => resolve(code === 0 ? undefined : said.trim()));
  });
}

/** Why the broker in a container is of no use; `undefined`: it is ready. */
async function untilReady(name) {
  for (const end = Date.now() + READY_MS; ;) {
    const { status, stdout } = spawnSync('docker', ['logs', name], { encoding: 'utf8' });
    if (status !== 0) return 'Kafka in Docker has ended at its start';
    if (stdout.includes('Kafka Server started')) return undefined;
    if (Date.now() > end) return `Kafka in Docker is not ready after ${READY_MS} ms`;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
