/**
 * A job from topic to topic under continuous load, while its broker and its own process are restarted, killed and paused.
 *
 *   npm run soak -- --restarts 100 [--seed 1] [--rate 1000]
 *
 * In each round, in an order that the seed decides: the broker is restarted in good order, killed and restarted; the job is
 * killed and started again, ended by SIGTERM and started again, paused for some seconds by SIGSTOP. Then the input ends, and
 * what Kafka's own Java client reads of the output, committed only, is compared with what must come of the input as it
 * reads that, by rule and not by another run. A hang: a call to Kafka that the watchdog had to end, no progress for 60 s while
 * all is up, or a job that ends by itself.
 *
 * Last line: `N restarts, H hangs, L lost, D duplicated, W wrong`; exit 1 if any of the last four is not 0.
 *
 * Needs Java: it starts a broker of its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { kafka } from '../../kafka/src/index.ts';
import { judgeFor, PARTITIONS } from '../../kafka/test/setup/counted-job.ts';
import { JavaReader, type Isolation } from '../../kafka/test/setup/java-reader.ts';
import { startBroker } from '../../../scripts/kafka/broker.mjs';
import { Feeder } from './feeder.ts';
import { WatchedJob } from './watched-job.ts';

const KINDS = ['broker restarted', 'broker killed', 'job killed', 'job restarted', 'job paused'] as const;
type Kind = (typeof KINDS)[number];

/** Between progress and the next accident, at most, milliseconds. */
const CALM_MS = 2_000;
const PAUSE_MIN_MS = 1_000;
const PAUSE_SPREAD_MS = 4_000;
/** Every other process of the job has transactions that run out during a pause or a restart, or live through it. */
const TRANSACTION_TIMEOUTS = ['60s', '3s'] as const;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function readOptions(): readonly [number, number, number] {
  const text = { type: 'string' } as const;
  const options = { restarts: text, seed: text, rate: text };
  const { restarts = '100', seed = '1', rate = '1000' } = parseArgs({ options }).values;
  const numbers = [restarts, seed, rate].map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number > 0)) return numbers as [number, number, number];
  process.stderr.write('usage: npm run soak -- [--restarts N] [--seed S] [--rate N]\n');
  return process.exit(2);
}

/** mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** All kinds, in another order. */
function shuffled(random: () => number): Kind[] {
  const kinds: Kind[] = [...KINDS];
  for (let i = kinds.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [kinds[i], kinds[j]] = [kinds[j] as Kind, kinds[i] as Kind];
  }
  return kinds;
}

const [restarts, seed, rate] = readOptions();
const random = randomFrom(seed);
const broker = await startBroker();
const { bootstrap } = broker;
const { reader, dispose } = JavaReader.compile(broker.classPath);
const read = (topic: string, isolation: Isolation): string[] =>
  reader.read(bootstrap, topic, isolation).map(({ value }) => value);
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-soak-kafka-'));
const job = new WatchedJob((lives) => ({
  ...{ bootstrap, name: 'soak', input: 'items', output: 'counted', folder, commitInterval: '200ms' },
  transactionTimeout: TRANSACTION_TIMEOUTS[lives % TRANSACTION_TIMEOUTS.length] as '60s' | '3s',
}));

/** One accident. Afterwards broker and job are up. */
async function happen(kind: Kind): Promise<void> {
  switch (kind) {
    case 'broker restarted':
    case 'broker killed':
      await broker.kill(0, kind === 'broker killed' ? 'SIGKILL' : 'SIGTERM');
      await broker.restart(0);
      return;
    case 'job killed':
      await job.kill();
      job.start();
      return;
    case 'job restarted':
      await job.stop();
      job.start();
      return;
    case 'job paused':
      job.signal('SIGSTOP');
      await pause(PAUSE_MIN_MS + random() * PAUSE_SPREAD_MS);
      job.signal('SIGCONT');
      return;
  }
}

let done = 0;
/** Hangs that were printed. */
let told = 0;
let verdict = { lost: 0, duplicated: 0, wrong: 0 };
try {
  await kafka.ensureTopics({ bootstrap }, [
    { name: 'items', partitions: PARTITIONS, config: { 'retention.ms': '-1' } },
    { name: 'counted', partitions: 2, config: { 'retention.ms': '-1' } },
  ]);
  const feeder = await Feeder.start(bootstrap, 'items', rate);
  job.start();
  await job.progress(1);
  for (let kinds: Kind[] = []; done < restarts; done++) {
    if (kinds.length === 0) kinds = shuffled(random);
    const kind = kinds.pop() as Kind;
    await pause(random() * CALM_MS);
    const before = performance.now();
    await happen(kind);
    const up = performance.now();
    // It goes on, and does not only repeat.
    const read = await job.progress(job.mark() + 1);
    for (const hang of job.hangs.slice(told)) say(`hang: ${hang}`);
    told = job.hangs.length;
    const seconds = ((performance.now() - up) / 1_000).toFixed(1);
    say(
      `${done + 1} ${kind} (${((up - before) / 1_000).toFixed(1)} s), going on after ${seconds} s; ` +
        `${read} read of ${feeder.sent}, ${job.rollbacks} rollbacks, ${job.hangs.length} hangs`,
    );
  }
  await feeder.stop();
  const input = read('items', 'read_committed');
  await job.progress(input.length);
  await job.stop();
  const committed = read('counted', 'read_committed');
  const written = read('counted', 'read_uncommitted').length;
  verdict = judgeFor(committed, input);
  for (const hang of job.hangs.slice(told)) say(`hang: ${hang}`);
  for (const [reason, times] of job.reasons) say(`${times} x rolled back: ${reason}`);
  say(`${input.length} items (${feeder.sent} sent), ${job.rollbacks} rollbacks`);
  say(`${written} records written, ${committed.length} of them committed`);
} finally {
  dispose();
  await job.kill();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

const { lost, duplicated, wrong } = verdict;
const hangs = job.hangs.length;
say(`${done} restarts, ${hangs} hangs, ${lost} lost, ${duplicated} duplicated, ${wrong} wrong`);
process.exitCode = hangs + lost + duplicated + wrong > 0 ? 1 : 0;
