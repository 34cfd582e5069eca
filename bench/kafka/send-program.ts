/**
 * One contender of the producer's case: sends COUNT values of 200 bytes, and waits until all are acknowledged, in a process of its own.
 *
 *   send-program.ts millrace|queue|bare BOOTSTRAP TOPIC COUNT
 *
 *   millrace   `kafka.producer`, each `send` a promise
 *   queue      the same with a queue on disk, which is not needed
 *   bare       a loop of the client with the same settings, which counts its delivery reports and nothing else
 *
 * Prints one line of JSON: records, seconds and CPU from the first record to the last acknowledgement.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from 'millrace';
import { kafka } from '../../packages/kafka/src/index.ts';

/** As much of the client as is used here. */
interface BareProducer {
  connect(options: object, done: (error: unknown) => void): void;
  setPollInBackground(on: boolean): void;
  on(event: 'delivery-report', listener: (error: unknown) => void): void;
  produce(topic: string, partition: null, value: Buffer, key: string, timestamp: number, opaque: number): void;
}

interface Measured {
  readonly ms: number;
  readonly cpu: NodeJS.CpuUsage;
}

const [mode = '', bootstrap = '', topic = '', given = '0'] = process.argv.slice(2);
const count = Number(given);
/** Between two looks at whether there is room. */
const GROUP = 1_000;
const QUEUE_FULL = -184;

const keyOf = (n: number): string => `k${n % 1_000}`;
const valueOf = (n: number): string => JSON.stringify({ n, filler: '' }).replace('""', `"${fillerFor(n)}"`);
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Of 200 bytes in all, not the same ones each time. */
function fillerFor(n: number): string {
  const room = 200 - JSON.stringify({ n, filler: '' }).length;
  return (Math.imul(n, 2_654_435_761) >>> 0).toString(36).repeat(40).slice(0, room);
}

function now(): Measured {
  return { ms: performance.now(), cpu: process.cpuUsage() };
}

async function viaMillrace(queue: { readonly directory: string; readonly maxBytes: number } | undefined) {
  const producer = await kafka.producer({
    bootstrap,
    topics: { [topic]: { format: kafka.string() } },
    logger: silentLogger,
    ...(queue === undefined ? {} : { queue }),
  });
  await producer.send({ topic, key: 'first', value: valueOf(0) });
  const started = now();
  let acknowledged = 0;
  let failure: Error | undefined;
  let allThere = (): void => undefined;
  const all = new Promise<void>((resolve) => (allThere = resolve));
  const there = (): void => {
    if (++acknowledged === count - 1) allThere();
  };
  for (let n = 1; n < count; n++) {
    producer.send({ topic, key: keyOf(n), value: valueOf(n) }).then(there, (error: Error) => {
      failure = error;
      allThere();
    });
    if (n % GROUP === 0) {
      await producer.ready();
      await pause(0);
    }
  }
  await all;
  if (failure !== undefined) throw failure;
  return { started, ended: now() };
}

async function bare() {
  const require = createRequire(path.join(import.meta.dirname, '..', '..', 'packages', 'kafka', 'package.json'));
  // The client's own types are not loaded here.
  const client = require('@confluentinc/kafka-javascript') as {
    readonly RdKafka: { readonly Producer: new (settings: object) => BareProducer };
  };
  const producer = new client.RdKafka.Producer({
    'bootstrap.servers': bootstrap,
    acks: 'all',
    'enable.idempotence': true,
    'compression.type': 'lz4',
    'linger.ms': 5,
    'batch.size': 32_768,
    'max.in.flight.requests.per.connection': 5,
    partitioner: 'murmur2_random',
    dr_cb: true,
  });
  let acknowledged = 0;
  let failure: unknown;
  let wanted = 1;
  let reached = (): void => undefined;
  const until = (reports: number) =>
    new Promise<void>((resolve) => {
      wanted = reports;
      reached = resolve;
      if (acknowledged >= wanted) resolve();
    });
  producer.on('delivery-report', (error) => {
    failure ??= error ?? undefined;
    if (++acknowledged >= wanted) reached();
  });
  await new Promise<void>((resolve, reject) =>
    producer.connect({ allTopics: false }, (error) => (error ? reject(error as Error) : resolve())),
  );
  producer.setPollInBackground(true);
  producer.produce(topic, null, Buffer.from(valueOf(0)), 'first', Date.now(), 0);
  await until(1);
  const started = now();
  for (let n = 1; n < count; n++) {
    for (;;) {
      try {
        producer.produce(topic, null, Buffer.from(valueOf(n)), keyOf(n), Date.now(), n);
        break;
      } catch (error) {
        if ((error as { readonly code?: number }).code !== QUEUE_FULL) throw error;
        await pause(1);
      }
    }
    if (n % GROUP === 0) await pause(0);
  }
  await until(count);
  if (failure !== undefined) throw failure as Error;
  return { started, ended: now() };
}

const directory = mkdtempSync(path.join(tmpdir(), 'millrace-bench-producer-'));
const { started, ended } =
  mode === 'bare' ? await bare() : await viaMillrace(mode === 'queue' ? { directory, maxBytes: 1024 ** 3 } : undefined);
rmSync(directory, { recursive: true, force: true });
const seconds = (ended.ms - started.ms) / 1_000;
const micros = ended.cpu.user + ended.cpu.system - started.cpu.user - started.cpu.system;
console.log(JSON.stringify({ records: count, s: seconds, rps: Math.round(count / seconds), procUs: micros / count }));
process.exit(0);
