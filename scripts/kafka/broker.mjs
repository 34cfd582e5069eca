/** Real brokers for tests and for trying out: KRaft, combined mode, on loopback, gone with the process that started them. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brokerClassPath, formattedCheckpoint } from './broker-program.mjs';
import { startGuard } from './guard.mjs';

const READY_MS = 60_000;
const STOP_MS = 10_000;
const POLL_MS = 25;

/** Settings that make a small broker start, restart and rebalance in seconds. */
const QUICK = {
  'auto.create.topics.enable': false,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.num.partitions': 4,
  'group.initial.rebalance.delay.ms': 0,
  'group.min.session.timeout.ms': 1000,
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 1000,
  'num.network.threads': 2,
  'num.io.threads': 2,
  'background.threads': 2,
  'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
  'log.cleaner.backoff.ms': 1000,
  'log.retention.check.interval.ms': 5000,
  'num.recovery.threads.per.data.dir': 1,
  // Else a restart waits up to 9 s for its old registration.
  'broker.session.timeout.ms': 2000,
  'broker.heartbeat.interval.ms': 300,
};

/**
 * Starts a cluster.
 *
 * `settings` stand beside the usual ones, or make them of the ports of a node's broker and controller. `listeners` are protocols
 * beside PLAINTEXT, such as SASL_SSL, each of which gets an address of its own.
 *
 * @param {{ nodes?: number, port?: number, settings?: object | ((broker: number, controller: number) => object),
 *   listeners?: string[], jvm?: string[], heapMb?: number }} [options]
 */
export async function startBroker({ nodes = 1, port = 0, settings = {}, listeners = [], jvm = [], heapMb = 256 } = {}) {
  const classPath = brokerClassPath();
  const checkpoint = formattedCheckpoint(classPath);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-'));
  const ports = await freePorts(nodes * (2 + listeners.length));
  if (port !== 0) ports[0] = port;
  const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const running = [];

  for (let i = 0; i < nodes; i++)
    prepare({ folder: nodeFolder(folder, i), i, nodes, ports, cluster, checkpoint, settings, listeners });
  const guard = startGuard();
  const alive = () => running.filter(({ exited }) => exited === undefined).map(({ child }) => child);
  const watch = () => guard.watch({ pids: alive().map(({ pid }) => pid), folder });
  watch();
  const launch = (i) => {
    const node = (running[i] = launchNode(nodeFolder(folder, i), classPath, heapMb, jvm));
    watch();
    void node.exit.then(watch);
    return node;
  };
  const end = () => {
    for (const child of alive()) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', end); // at once where this process can say goodbye; where it cannot, the guard follows
  const stop = async () => {
    for (const child of alive()) child.kill('SIGTERM');
    const timer = setTimeout(() => alive().forEach((child) => child.kill('SIGKILL')), STOP_MS);
    await Promise.all(running.map(({ exit }) => exit));
    clearTimeout(timer);
    process.removeListener('exit', end);
    end();
    await guard.end();
  };
  try {
    for (let i = 0; i < nodes; i++) launch(i);
    await Promise.all(running.map(({ ready }) => ready));
  } catch (error) {
    await stop();
    throw error;
  }
  const addressesOf = (first) =>
    ports
      .slice(first, first + nodes)
      .map((one) => `127.0.0.1:${one}`)
      .join(',');
  return {
    bootstrap: addressesOf(0),
    addresses: Object.fromEntries(listeners.map((name, n) => [name, addressesOf((2 + n) * nodes)])),
    classPath,
    kill(i = 0, signal = 'SIGKILL') {
      running[i].child.kill(signal);
      return running[i].exit;
    },
    restart: (i = 0) => launch(i).ready,
    exited: () => Promise.race(running.map(({ exit }) => exit)),
    stop,
  };
}

const nodeFolder = (folder, i) => join(folder, `n${i + 1}`);

function prepare({ folder, i, nodes, ports, cluster, checkpoint, settings, listeners }) {
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const replicas = Math.min(nodes, 3);
  const voters = Array.from({ length: nodes }, (_, n) => `${n + 1}@127.0.0.1:${ports[nodes + n]}`).join(',');
  const others = listeners.map((name, n) => `${name}://127.0.0.1:${ports[(2 + n) * nodes + i]}`);
  const clients = [`PLAINTEXT://127.0.0.1:${ports[i]}`, ...others].join(',');
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': i + 1,
    'controller.quorum.voters': voters,
    'controller.listener.names': 'CONTROLLER',
    listeners: `${clients},CONTROLLER://127.0.0.1:${ports[nodes + i]}`,
    'advertised.listeners': clients,
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT',
      'CONTROLLER:PLAINTEXT',
      ...listeners.map((name) => `${name}:${name}`),
    ].join(','),
    'log.dirs': data,
    'default.replication.factor': replicas,
    'min.insync.replicas': replicas > 1 ? 2 : 1,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': replicas > 1 ? 2 : 1,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': 1,
    'controlled.shutdown.enable': nodes > 1,
    ...QUICK,
    ...(typeof settings === 'function' ? settings(ports[i], ports[nodes + i]) : settings),
  };
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, 'server.properties'), lines.join(''));
  const directory = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  writeFileSync(
    join(data, 'meta.properties'),
    `node.id=${i + 1}\ndirectory.id=${directory}\nversion=1\ncluster.id=${cluster}\n`,
  );
  copyFileSync(checkpoint, join(data, 'bootstrap.checkpoint'));
}

function launchNode(folder, classPath, heapMb, jvm) {
  const log = join(folder, 'kafka.log');
  const from = existsSync(log) ? readFileSync(log).length : 0;
  const out = openSync(log, 'a');
  const args = [
    ...['-Xms64m', `-Xmx${heapMb}m`, '-XX:+UseSerialGC', '-XX:MaxMetaspaceSize=160m', '-Xss512k'],
    ...['-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'],
    ...['kafka.server.KafkaRaftServer', 'org.apache.kafka.server.KafkaRaftServer'].map(
      (name) => `-Dorg.slf4j.simpleLogger.log.${name}=info`,
    ),
    ...jvm,
    ...['-cp', classPath, 'kafka.Kafka', join(folder, 'server.properties')],
  ];
  // In a group of its own: Ctrl-C reaches us, and we stop it in order.
  const child = spawn('java', args, { stdio: ['ignore', out, out], detached: true });
  closeSync(out);
  const node = { child, exited: undefined };
  node.exit = new Promise((resolve) =>
    child.on('exit', (code, signal) => {
      node.exited = { code, signal };
      resolve(node.exited);
    }),
  );
  node.ready = untilReady(node, log, from);
  return node;
}

async function untilReady(node, log, from) {
  for (const end = Date.now() + READY_MS; ;) {
    const text = readFileSync(log).subarray(from);
    if (node.exited !== undefined) throw new Error(`the broker ended at its start:\n${text.toString().slice(-3000)}`);
    if (text.includes('Kafka Server started')) return;
    if (Date.now() > end)
      throw new Error(`the broker is not ready after ${READY_MS} ms:\n${text.toString().slice(-3000)}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Held open together, so that they differ. */
async function freePorts(count) {
  const listen = () =>
    new Promise((resolve, reject) => {
      const server = createServer();
      server.on('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
    });
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
