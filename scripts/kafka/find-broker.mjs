/**
 * A broker, wherever it can be had:
 *
 *   KAFKA_BOOTSTRAP  --> that one, as it is
 *   Docker           --> apache/kafka, if `docker info` answers within 3 s
 *   Java and Maven   --> Apache Kafka from Maven Central, in a cache
 */
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { startBroker } from './broker.mjs';
import { brokerClassPath, javaProblem, KAFKA_VERSION } from './broker-program.mjs';

const DOCKER_INFO_MS = 3_000;
const READY_MS = 60_000;

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
  if (hasDocker()) return inDocker(port);
  const problem = javaProblem();
  if (problem !== undefined) return { missing: `there is no KAFKA_BOOTSTRAP, Docker does not answer, and ${problem}` };
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
  const args = ['run', '-d', '--rm', '-p', `127.0.0.1:${port}:${port}`, ...variables, `apache/kafka:${KAFKA_VERSION}`];
  const { status, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8' });
  if (status !== 0) return { missing: `Docker cannot run apache/kafka:${KAFKA_VERSION}: ${stderr.trim()}` };
  const id = stdout.trim();
  const remove = () => spawnSync('docker', ['rm', '-f', id], { stdio: 'ignore' });
  process.on('exit', remove);
  const ready = () => spawnSync('docker', ['logs', id], { encoding: 'utf8' }).stdout.includes('Kafka Server started');
  for (const end = Date.now() + READY_MS; !ready();) {
    if (Date.now() > end) return { missing: `Kafka in Docker is not ready after ${READY_MS} ms` };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return { how: 'Docker', bootstrap: `127.0.0.1:${port}`, stop: () => Promise.resolve(remove()) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
