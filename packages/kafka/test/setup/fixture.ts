import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataflow, memorySink, silentLogger } from 'millrace';
import { afterAll, describe, inject } from 'vitest';
import { confluentDriver, kafka, type OutgoingRecord } from '../../src/index.ts';

const given = inject('kafka');
export const { bootstrap, classPath } = given;

/** Tests that need a broker; skipped, with the reason in their name, where there is none. */
export const withBroker =
  given.missing === ''
    ? describe
    : (name: string, tests: () => void) => describe.skip(`${name} (${given.missing})`, tests);

/** Tests that start brokers of their own, which takes Java; skipped, with the reason in their name, without it. */
export const withOwnBroker =
  classPath !== ''
    ? describe
    : (name: string, tests: () => void) => describe.skip(`${name} (${given.missing || 'there is no Java'})`, tests);

let names = 0;
const run = `${Date.now().toString(36)}${process.pid}`;

/** A name that no other test has. */
export function uniqueName(what: string): string {
  return `${what}-${run}-${++names}`;
}

export async function newTopic(
  what: string,
  partitions: number = 1,
  config: Record<string, string> = {},
  at: string = bootstrap,
): Promise<string> {
  const name = uniqueName(what);
  await kafka.ensureTopics({ bootstrap: at }, [{ name, partitions, config: { 'retention.ms': '-1', ...config } }]);
  return name;
}

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-kafka-test-'));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

type Given = Partial<OutgoingRecord> & { readonly text?: string | null };

/** Writes records outside of any job. */
export async function produce(
  topic: string,
  records: readonly Given[],
  transaction?: 'commit' | 'abort',
  at: string = bootstrap,
): Promise<void> {
  const id = transaction === undefined ? {} : { 'transactional.id': uniqueName('producer') };
  const settings = { 'bootstrap.servers': at, 'enable.idempotence': true, 'linger.ms': 0, ...id };
  const failures: Error[] = [];
  const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
  if (transaction !== undefined) {
    await producer.initTransactions();
    await producer.begin();
  }
  for (const { text, ...record } of records) {
    const value = text === undefined ? (record.value ?? null) : text === null ? null : bytes(text);
    const whole = { topic, partition: 0, key: null, timestamp: undefined, headers: [], ...record, value };
    while (!producer.send(whole)) await new Promise((resolve) => setImmediate(resolve));
  }
  await producer.flush();
  if (transaction === 'commit') await producer.commit();
  if (transaction === 'abort') await producer.abort();
  await producer.close();
  if (failures[0] !== undefined) throw failures[0];
}

/** The texts of a topic's committed records, read by our own source. */
export async function readTexts(topic: string, at: string = bootstrap): Promise<string[]> {
  const sink = memorySink<string>();
  const flow = dataflow(uniqueName('reading'));
  flow.from('texts', kafka.topic(topic, { bootstrap: at, until: 'end', format: kafka.string() })).to('rows', sink);
  const handle = await flow.run({ logger: silentLogger });
  await handle.done;
  return [...sink.rows];
}

/** A record as an independent reader prints it. */
export interface ReadRecord {
  readonly partition: number;
  readonly key: string;
  readonly value: string;
  readonly headers: string;
  readonly timestamp: number;
}

type Isolation = 'read_committed' | 'read_uncommitted';

const JAVA = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classPath];
const SEPARATOR = '\u0001';

/** All records of a topic, read by Kafka's own Java client. */
export function readWithJava(
  topic: string,
  isolation: Isolation = 'read_committed',
  at: string = bootstrap,
): ReadRecord[] {
  return given.hasReader ? readToTheEnd(topic, isolation, at) : readUntilQuiet(topic, isolation, at);
}

function readToTheEnd(topic: string, isolation: Isolation, at: string): ReadRecord[] {
  const { stdout, stderr } = java(['ReadTopic', at, topic, isolation]);
  const lines = stdout.split('\n');
  if (lines.at(-2) !== 'end') throw new Error(`${topic} cannot be read: ${stderr}`);
  return lines.slice(0, -2).map(recordOf);
}

/** The console consumer knows no end: it ends when nothing has come for a while. */
function readUntilQuiet(topic: string, isolation: Isolation, at: string): ReadRecord[] {
  const print = ['key', 'value', 'partition', 'headers', 'timestamp'].flatMap((what) => [
    '--formatter-property',
    `print.${what}=true`,
  ]);
  const { stdout, stderr } = java([
    ...['org.apache.kafka.tools.consumer.ConsoleConsumer', '--bootstrap-server', at, '--topic', topic],
    ...['--from-beginning', '--isolation-level', isolation, '--timeout-ms', '4000', ...print],
    ...['--formatter-property', `key.separator=${SEPARATOR}`],
  ]);
  const lines = stdout.split('\n').filter((line) => line.includes(SEPARATOR));
  if (lines.length === 0 && !/TimeoutException|Processed a total of 0/.test(stderr)) throw new Error(stderr);
  return lines.map(recordOf);
}

/** Kafka's own tool for groups: what it prints. */
export function groupTool(...args: readonly string[]): string {
  const command = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
  return java([command, '--bootstrap-server', bootstrap, ...args]).stdout;
}

/** Values of a topic's committed records, as an independent reader sees them. */
export const valuesIn = (topic: string): string[] => readWithJava(topic).map(({ value }) => value);

function java(args: readonly string[]): { readonly stdout: string; readonly stderr: string } {
  return spawnSync('java', [...JAVA, ...args], { encoding: 'utf8', maxBuffer: 1 << 30 });
}

function recordOf(line: string): ReadRecord {
  const [timestamp = '', partition = '', headers = '', key = '', value = ''] = line.split(SEPARATOR);
  return {
    partition: Number(partition.replace('Partition:', '')),
    key,
    value,
    headers,
    timestamp: Number(timestamp.replace(/^\w+:/, '')),
  };
}
