/**
 * Kills the main job on Kafka with SIGKILL at random moments, starts it again until it has finished, and compares what Kafka's
 * own Java client reads of its results, committed only, with an undisturbed run over the same input.
 *
 *   npm run crash:kafka -- --kills 100 [--seed 1] [--orders 300000] [--rate 20000]
 *
 * Needs Java: the reader is none of ours. Last line: `K kills, J jobs, L lost, D duplicated, W wrong`, preceded by how many records
 * were written and how many of them committed, which shows that transactions were aborted. Exit 1 if anything is.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { JavaReader, type Isolation } from '../../kafka/test/setup/java-reader.ts';
import { findBroker, toolsClassPath } from '../../../scripts/kafka/find-broker.mjs';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** A start takes some 0.6 s until its first commit; kills come between this and twice this, milliseconds. */
const KILL_MIN_MS = 500;
const KILL_SPREAD_MS = 2_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions() {
  const text = { type: 'string' } as const;
  const options = { kills: text, seed: text, orders: text, rate: text };
  const { kills = '100', seed = '1', orders = '300000', rate = '20000' } = parseArgs({ options }).values;
  const numbers = [kills, seed, orders, rate].map(Number);
  if (numbers.every((number) => Number.isSafeInteger(number) && number > 0))
    return numbers as [number, number, number, number];
  process.stderr.write('usage: npm run crash:kafka -- --kills N [--seed S] [--orders N] [--rate N]\n');
  return process.exit(2);
}

function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function start(file: string, args: readonly string[]): ChildProcess {
  const node = ['--conditions=millrace-source', '--import', TSX, path.join(ROOT, file)];
  return spawn(process.execPath, [...node, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
}

/** Exit code, or `undefined` for a process that was killed; with what it said on stderr. */
function ended(child: ChildProcess): Promise<{ readonly code: number | undefined; readonly said: string }> {
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-4_000)));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? undefined, said })));
}

/** `key value` of every record, sorted. */
const read = (topic: string, isolation: Isolation): string[] =>
  reader
    .read(bootstrap, topic, isolation)
    .map(({ key, value }) => `${key}\t${value}`)
    .sort();

const [kills, seed, orders, rate] = readOptions();
const random = randomFrom(seed);
const broker = await findBroker();
const classPath = toolsClassPath();
if (broker.bootstrap === undefined || classPath === undefined) {
  process.stderr.write(`millrace: ${broker.missing ?? 'there is no Java to read the results with'}\n`);
  process.exit(1);
}
const { bootstrap } = broker;
const { reader, dispose } = JavaReader.compile(classPath);
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-crash-kafka-'));
const totals = { kills: 0, jobs: 0, lost: 0, duplicated: 0, wrong: 0, written: 0, committed: 0 };
const run = Date.now().toString(36);

const job = (app: string, state: string) => [
  ...['--kafka', bootstrap, '--input-topic', `orders.${run}`, '--output-topic', `revenue.${app}`, '--app', app],
  ...['--state', path.join(folder, state), '--bounded', '--window', '1m'],
];

const topics = (app: string) => [`revenue.${app}`, `late.${app}.orders.${run}`, `dlq.${app}.orders.${run}`];

try {
  const fed = await ended(
    start('examples/revenue/kafka/feed.ts', [
      '--kafka',
      bootstrap,
      '--count',
      String(orders),
      '--seed',
      String(seed),
      '--input-topic',
      `orders.${run}`,
    ]),
  );
  if (fed.code !== 0) throw new Error(fed.said);
  const calm = await ended(start('examples/revenue/main.ts', job(`calm.${run}`, 'calm')));
  if (calm.code !== 0) throw new Error(calm.said);
  const expected = topics(`calm.${run}`).map((topic) => read(topic, 'read_committed'));
  say(
    `${orders} orders, ${expected.map((lines) => lines.length).join(' + ')} records of an undisturbed run (results, late, malformed)`,
  );
  while (totals.kills < kills) {
    const app = `killed.${run}.${totals.jobs}`;
    for (;;) {
      const child = start('examples/revenue/main.ts', [...job(app, app), '--rate', String(rate)]);
      const end = ended(child);
      const timer = setTimeout(
        () => child.kill('SIGKILL'),
        totals.kills < kills ? KILL_MIN_MS + random() * KILL_SPREAD_MS : 1 << 30,
      );
      const { code, said } = await end;
      clearTimeout(timer);
      if (code === undefined) totals.kills++;
      else if (code === 0) break;
      else throw new Error(`the job ended with exit code ${code}: ${said}`);
    }
    totals.jobs++;
    topics(app).forEach((topic, i) => {
      const committed = read(topic, 'read_committed');
      totals.committed += committed.length;
      totals.written += read(topic, 'read_uncommitted').length;
      compare(committed, expected[i] as string[]);
    });
    say(
      `job ${totals.jobs}: ${totals.kills} kills so far, ${totals.lost} lost, ${totals.duplicated} duplicated, ${totals.wrong} wrong`,
    );
  }
} finally {
  dispose();
  await broker.stop();
  rmSync(folder, { recursive: true, force: true });
}

function compare(actual: readonly string[], expected: readonly string[]): void {
  const counts = new Map<string, number>();
  for (const line of expected) counts.set(line, (counts.get(line) ?? 0) + 1);
  const known = new Set(expected);
  for (const line of actual) {
    const left = counts.get(line) ?? 0;
    if (!known.has(line)) totals.wrong++;
    else if (left === 0) totals.duplicated++;
    else counts.set(line, left - 1);
  }
  for (const left of counts.values()) totals.lost += left;
}

const { lost, duplicated, wrong, written, committed } = totals;
say(`${written} records written, ${committed} of them committed`);
say(`${totals.kills} kills, ${totals.jobs} jobs, ${lost} lost, ${duplicated} duplicated, ${wrong} wrong`);
process.exitCode = lost + duplicated + wrong > 0 || written <= committed ? 1 : 0;
