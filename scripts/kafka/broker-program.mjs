/** Apache Kafka from Maven Central: the program of the broker and its tools, once per version, in the cache. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './paths.mjs';

/**
 * The newest release that keeps its word when a broker is restarted: from 4.3.0 on (4.4.0 too) a transaction that has been decided
 * may be ended without its end being written to partitions that have no leader at that moment (KAFKA-20734). See
 * docs/design/0011-a-broker-that-ends-its-transactions.md.
 */
export const KAFKA_VERSION = '4.2.1';
const SLF4J_VERSION = '1.7.36';
const JAVA_MIN = 17;

/** Why no broker can be run with Java here; `undefined`: it can. */
export function javaProblem() {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const major = Number(/version "(\d+)/.exec(java.stderr ?? '')?.[1] ?? 0);
  if (major < JAVA_MIN)
    return major === 0 ? `there is no Java (${JAVA_MIN} or newer)` : `Java is ${major}, not ${JAVA_MIN} or newer`;
  if (existsSync(join(programFolder(), 'lib', '.complete'))) return undefined;
  return spawnSync('mvn', ['-v']).status === 0 ? undefined : 'there is no Maven (mvn) to fetch the broker with';
}

const programFolder = () => join(cacheFolder(), 'kafka-broker', KAFKA_VERSION);

/** The class path of the broker and of Kafka's own tools. */
export function brokerClassPath() {
  const folder = programFolder();
  const lib = join(folder, 'lib');
  if (!existsSync(join(lib, '.complete'))) fetchProgram(folder);
  return readdirSync(lib)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((name) => join(lib, name))
    .join(delimiter);
}

function fetchProgram(folder) {
  process.stderr.write(`setting up Kafka: fetching the broker ${KAFKA_VERSION} (70 MB, once)\n`);
  mkdirSync(join(folder, '..'), { recursive: true });
  const own = mkdtempSync(join(folder, '..', 'tmp-')); // made aside and renamed: two may do it at once
  const dependency = (group, name, version) =>
    `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`;
  writeFileSync(
    join(own, 'pom.xml'),
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>' +
      '<groupId>millrace</groupId><artifactId>kafka-test-broker</artifactId><version>1</version><packaging>pom</packaging>' +
      `<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION)}` +
      `${dependency('org.apache.kafka', 'kafka-tools', KAFKA_VERSION)}` +
      `${dependency('org.slf4j', 'slf4j-simple', SLF4J_VERSION)}</dependencies></project>\n`,
  );
  const args = [
    '-q',
    '-B',
    '-f',
    join(own, 'pom.xml'),
    'dependency:copy-dependencies',
    `-DoutputDirectory=${join(own, 'lib')}`,
  ];
  const { status, stdout, stderr } = spawnSync('mvn', args, { encoding: 'utf8' });
  if (status !== 0) {
    rmSync(own, { recursive: true, force: true });
    throw new Error(`Maven cannot fetch the broker:\n${stdout}${stderr}`);
  }
  writeFileSync(join(own, 'lib', '.complete'), '');
  try {
    renameSync(own, folder);
  } catch {
    rmSync(own, { recursive: true, force: true });
  }
}

/** What a freshly formatted folder of logs holds beside its identity; the same for every broker of a version. */
export function formattedCheckpoint(classPath) {
  const file = join(programFolder(), 'bootstrap.checkpoint');
  if (existsSync(file)) return file;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-kafka-format-'));
  const properties = join(folder, 'server.properties');
  writeFileSync(
    properties,
    'process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:9093\n' +
      'listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\ncontroller.listener.names=CONTROLLER\n' +
      `log.dirs=${join(folder, 'data')}\n`,
  );
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const args = ['-Xmx128m', '-cp', classPath, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', properties];
  const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the broker's folder cannot be formatted:\n${stdout}${stderr}`);
  copyFileSync(join(folder, 'data', 'bootstrap.checkpoint'), `${file}.${process.pid}`);
  renameSync(`${file}.${process.pid}`, file);
  rmSync(folder, { recursive: true, force: true });
  return file;
}
