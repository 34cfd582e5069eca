/**
 * Kills a program that sends events with SIGKILL at random moments, while its broker is killed and started again as well, and
 * compares what Kafka's own Java client reads with what the program was told to be accepted.
 *
 *   npm run crash:producer -- --kills 50 [--seed 1]
 *
 * First with a queue: nothing that was accepted may be lost, each key's events are in order; what was under way may be there twice.
 * Then, a fifth as many kills, in transactions: each number exactly once. Needs Java. Last line:
 * `K kills, A accepted, L lost, U out of order, D duplicated in transactions`; exit 1 if any of the last three is not 0.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startBroker } from '../../../scripts/kafka/broker.mjs';
import { toolsClassPath } from '../../../scripts/kafka/find-broker.mjs';
import { kafka } from '../../kafka/src/index.ts';
import { JavaReader, type Isolation } from '../../kafka/test/setup/java-reader.ts';
import { judge, type Line } from './judge.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const PARTITIONS = 3;
/** Kills come so long after the producer is open, and up to KILL_SPREAD_MS later, milliseconds. */
const KILL_MIN_MS = { queue: 50, transaction: 500 };
const KILL_SPREAD_MS = 2_000;
/** How long a broker stays up, and down, at most, milliseconds. */
const UP_MS = 6_000;
const DOWN_MS = 3_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function readOptions(): readonly [number, number] {
  const text = { type: 'string' } as const;
  const { kills = '50', seed = '1' } = parseArgs({ options: { kills: text, seed: text } }).values;
  const numbers = [Number(kills), Number(seed)] as const;
  if (numbers.every((number) => Number.isSafeInteger(number) && number > 0)) return numbers;
  process.stderr.write('usage: npm run crash:producer -- --kills N [--seed S]\n');
  return process.exit(2);
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const [kills, seed] = readOptions();
const random = randomFrom(seed);
const classPath = toolsClassPath();
if (classPath === undefined) {
  process.stderr.write('millrace: there is no Java to run brokers and to read the results with\n');
  process.exit(1);
}
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-crash-producer-'));
const broker = await startBroker();
const { bootstrap } = broker;
const { reader, dispose } = JavaReader.compile(classPath);

/** Starts the program; resolves when its producer is open. */
async function start(
  mode: string,
  topic: string,
): Promise<{ readonly child: ChildProcess; readonly end: Promise<number | null> }> {
  const state = path.join(folder, topic);
  mkdirSync(state, { recursive: true });
  const program = path.join(ROOT, 'packages/e2e/crash-producer/sender.ts');
  const args = ['--conditions=millrace-source', '--import', TSX, program, mode, bootstrap, topic, state];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const end = new Promise<number | null>((resolve) => child.on('close', resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once('data', resolve)), end]);
  return { child, end };
}

/** Starts the program and kills it; throws if it has ended by itself. */
async function startAndKill(mode: 'queue' | 'transaction', topic: string): Promise<void> {
  const { child, end } = await start(mode, topic);
  await pause(KILL_MIN_MS[mode] + KILL_SPREAD_MS * random() ** 2);
  child.kill('SIGKILL');
  const code = await end;
  if (code !== null) throw new Error(`the program ended by itself, with exit code ${code}`);
}

/** Every record, those of a partition in their order. */
const read = (topic: string, isolation: Isolation): readonly Line[] =>
  reader.read(bootstrap, topic, isolation).map(({ key, value }) => ({ key, number: Number(value) }));

function linesOf(topic: string, file: string): readonly string[] {
  const where = path.join(folder, topic, file);
  return existsSync(where) ? readFileSync(where, 'utf8').split('\n').filter(Boolean) : [];
}

async function withQueue(): Promise<{ readonly accepted: number; readonly lost: number; readonly unordered: number }> {
  const topic = 'events';
  await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: PARTITIONS }]);
  let outages = 0;
  let over = false;
  const trouble = (async () => {
    while (!over) {
      await pause(UP_MS * random());
      if (over) return;
      await broker.kill();
      await pause(DOWN_MS * random());
      await broker.restart();
      outages++;
    }
  })();
  for (let done = 0; done < kills; done++) {
    await startAndKill('queue', topic);
    if (done % 10 === 9) say(`${done + 1} kills, ${outages} outages, ${linesOf(topic, 'accepted').length} accepted`);
  }
  over = true;
  await trouble;
  if ((await (await start('finish', topic)).end) !== 0) throw new Error('the queue could not be delivered');
  const accepted = new Set(linesOf(topic, 'accepted'));
  const { lost, unordered, duplicated } = judge(read(topic, 'read_committed'), accepted);
  say(
    `queue: ${kills} kills, ${outages} outages, ${accepted.size} accepted, ${lost} lost, ${unordered} out of order; ` +
      `${duplicated} more than once`,
  );
  return { accepted: accepted.size, lost, unordered };
}

async function inTransactions(): Promise<{
  readonly kills: number;
  readonly lost: number;
  readonly duplicated: number;
}> {
  const topic = 'numbers';
  await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: 1 }]);
  const count = Math.ceil(kills / 5);
  for (let done = 0; done < count; done++) await startAndKill('transaction', topic);
  // One that only ends what the last one has left.
  const { child, end } = await start('transaction', topic);
  child.kill('SIGTERM');
  await end;
  const lines = read(topic, 'read_committed');
  const highest = Math.max(0, ...lines.map(({ number }) => number), ...linesOf(topic, 'accepted').map(Number));
  const all = new Set(Array.from({ length: highest }, (_, i) => `k ${i + 1}`));
  const { lost, unordered, duplicated } = judge(lines, all);
  const written = read(topic, 'read_uncommitted').length;
  say(
    `transactions: ${count} kills, ${highest} numbers, ${written - lines.length} records of aborted transactions, ` +
      `${lost} lost, ${unordered} out of order, ${duplicated} duplicated`,
  );
  return { kills: count, highest, lost: lost + unordered, duplicated };
}

try {
  const queue = await withQueue();
  const transactions = await inTransactions();
  const lost = queue.lost + transactions.lost;
  say(
    `${kills + transactions.kills} kills, ${queue.accepted} accepted, ${lost} lost, ${queue.unordered} out of order, ` +
      `${transactions.duplicated} duplicated in transactions`,
  );
  const idle = queue.accepted === 0 || transactions.highest === 0;
  process.exitCode = idle || lost + queue.unordered + transactions.duplicated > 0 ? 1 : 0;
} finally {
  dispose();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}
