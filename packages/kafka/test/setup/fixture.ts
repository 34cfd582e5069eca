import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dataflow, memorySink, silentLogger } from 'millrace';
import { afterAll, inject } from 'vitest';
import { withServer } from '../../../../scripts/with-server.mjs';
import { confluentDriver, kafka, type OutgoingRecord } from '../../src/index.ts';
import { JavaReader, type Isolation, type ReadRecord } from './java-reader.ts';

export type { ReadRecord } from './java-reader.ts';

const given = inject('kafka');
export const { bootstrap, classPath } = given;

/** Tests that need a broker; skipped, with the reason in their name, where there is none. */
export const withBroker = withServer(given.missing);

/** Tests that start brokers of their own, which takes Java; skipped, with the reason in their name, without it. */
export const withOwnBroker = withServer(classPath === '' ? given.missing || 'there is no Java' : '');

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

const reader = new JavaReader(given);

/** All records of a topic, read by Kafka's own Java client. */
export function readWithJava(
  topic: string,
  isolation: Isolation = 'read_committed',
  at: string = bootstrap,
): ReadRecord[] {
  return reader.read(at, topic, isolation);
}

/** Kafka's own tool for groups: what it prints. */
export function groupTool(...args: readonly string[]): string {
  const command = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
  return reader.run([command, '--bootstrap-server', bootstrap, ...args]).stdout;
}

/** Values of a topic's committed records, as an independent reader sees them. */
export const valuesIn = (topic: string): string[] => readWithJava(topic).map(({ value }) => value);
