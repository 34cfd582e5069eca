/**
 * Kills a consumer that books payments in PostgreSQL with `processedOnce`, between any two steps and at any moment, starts it again, and
 * counts what was booked: a ledger without any constraint, and balances.
 *
 *   npm run crash:idempotent -- --kills 200 [--seed 1]
 *
 * Every tenth payment is written twice, as by a producer that was not sure. Last line: `K kills, P payments, L lost, D duplicated, W wrong`
 * (balances); exit 1 if anything is.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { build } from 'tsup';
import { seededRandom } from 'millrace/testing';
import { findBroker } from '../../../scripts/kafka/find-broker.mjs';
import * as service from '../../../scripts/services/postgres.mjs';
import { confluentDriver, kafka } from '../../kafka/src/index.ts';
import { STEPS, type Payment, type WorkerProgram } from './program.ts';

const PROGRAM = fileURLToPath(new URL('worker.ts', import.meta.url));
/** Where the bundled program finds the Kafka client. */
const BUNDLE = fileURLToPath(new URL(`../../kafka/.snippets/crash-${process.pid}`, import.meta.url));
const PARTITIONS = 4;
const ACCOUNTS = 10;
/** Payments that are written for each life. */
const PER_LIFE = 20;
/** A life dies at the latest the so-manieth time that it gets to its step. */
const NTH_MAX = 10;
/** One of so many kills comes at any moment, from outside, rather than at a step. */
const ANY_MOMENT = 4;
/** So long after it is ready such a kill comes at the latest, and for any other at the latest if its step is not reached, milliseconds. */
const MOMENT_MS = 400;
const STEP_MS = 1_500;

/** Kills between two lines about them. */
const SAID_EVERY = 20;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readOptions(): { readonly kills: number; readonly seed: number } {
  const text = { type: 'string' } as const;
  const { kills = '200', seed = '1' } = parseArgs({ options: { kills: text, seed: text } }).values;
  const numbers = { kills: Number(kills), seed: Number(seed) };
  if (Object.values(numbers).every((number) => Number.isSafeInteger(number) && number > 0)) return numbers;
  process.stderr.write('usage: npm run crash:idempotent -- --kills N [--seed S]\n');
  return process.exit(2);
}

/** Runs one life; resolves to how it was killed, or `undefined` if it was not. */
async function live(
  program: WorkerProgram,
  killAfterMs: number | undefined,
): Promise<'at its step' | 'from outside' | undefined> {
  const child = spawn(process.execPath, [path.join(BUNDLE, 'worker.js'), JSON.stringify(program)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let outside = false;
  const kill = (): void => void (outside = child.kill('SIGKILL'));
  process.on('exit', kill);
  let timer: NodeJS.Timeout | undefined;
  createInterface({ input: child.stdout }).once('line', () => {
    if (killAfterMs !== undefined) timer = setTimeout(kill, killAfterMs);
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.on('close', (...end) => resolve(end)),
  );
  clearTimeout(timer);
  process.removeListener('exit', kill);
  if (signal === 'SIGKILL') return outside ? 'from outside' : 'at its step';
  if (code === 0) return undefined;
  throw new Error(`the consumer has ended with exit code ${code}`);
}

const { kills, seed } = readOptions();
const random = seededRandom(seed);
const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T;
const broker = await findBroker();
const missing = service.missing();
if (broker.bootstrap === undefined || missing !== '') {
  process.stderr.write(`millrace: ${broker.missing ?? missing}\n`);
  process.exit(1);
}
const { bootstrap } = broker;
const server = await service.start();
const pool = new Pool({ connectionString: server.url });
const topic = `payments.${Date.now().toString(36)}`;
const payments: Payment[] = [];
const byStep = new Map<string, number>();

/** One file without TypeScript: a life begins in a fraction of the time. */
async function bundle(): Promise<void> {
  await build({
    ...{
      entry: { worker: PROGRAM },
      outDir: BUNDLE,
      format: 'esm',
      target: 'node20',
      config: false,
      silent: true,
      dts: false,
    },
    noExternal: [/^millrace/, /^@millrace/, /^p-/, 'lru-cache', 'is-network-error', 'yocto-queue'],
    external: ['pg', '@confluentinc/kafka-javascript'],
    outExtension: () => ({ js: '.js' }),
    esbuildOptions: (options) => {
      options.conditions = ['millrace-source', 'node'];
    },
  });
}

async function write(count: number): Promise<void> {
  const failures: Error[] = [];
  const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, 'linger.ms': 0 };
  const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
  const encoder = new TextEncoder();
  for (let i = 0; i < count; i++) {
    const payment = {
      id: `p${payments.length}`,
      account: `a${i % ACCOUNTS}`,
      cents: 1 + Math.floor(random.next() * 100),
    };
    payments.push(payment);
    const [key, value] = [encoder.encode(payment.account), encoder.encode(JSON.stringify(payment))];
    const partition = kafka.partitionOf(key, PARTITIONS);
    for (let copies = payments.length % 10 === 0 ? 2 : 1; copies > 0; copies--)
      producer.send({ topic, partition, key, value, timestamp: undefined, headers: [] });
  }
  await producer.flush();
  await producer.close();
  if (failures[0] !== undefined) throw failures[0];
}

async function nextLife(): Promise<boolean> {
  await write(PER_LIFE);
  const program = { bootstrap, topic, postgres: server.url };
  const anyMoment = Math.floor(random.next() * ANY_MOMENT) === 0;
  const step = pick(STEPS);
  // Of steps that a whole batch goes through at once there are few in a life.
  const nth = 1 + Math.floor(random.next() * (step === 'fetched' || step.includes('offsets') ? 2 : NTH_MAX));
  const killed = anyMoment
    ? await live(program, random.next() * MOMENT_MS)
    : await live({ ...program, crash: { step, nth } }, STEP_MS);
  const name = killed === 'at its step' ? step : 'any moment';
  if (killed !== undefined) byStep.set(name, (byStep.get(name) ?? 0) + 1);
  return killed !== undefined;
}

async function judge(): Promise<boolean> {
  const { rows: booked } = await pool.query<{ id: string; times: number }>(
    'SELECT id, count(*)::int AS times FROM ledger GROUP BY id',
  );
  const { rows: accounts } = await pool.query<{ id: string; cents: number }>(
    'SELECT id, cents::int AS cents FROM accounts',
  );
  const times = new Map(booked.map((row) => [row.id, row.times]));
  const lost = payments.filter(({ id }) => !times.has(id)).length;
  const duplicated = [...times.values()].reduce((sum, n) => sum + n - 1, 0);
  const due = (account: string): number =>
    payments.filter((one) => one.account === account).reduce((sum, { cents }) => sum + cents, 0);
  const wrong = accounts.filter(({ id, cents }) => cents !== due(id)).length;
  for (const [step, n] of [...byStep].sort()) say(`  ${step}: ${n}`);
  const total = [...byStep.values()].reduce((sum, n) => sum + n, 0);
  say(`${total} kills, ${payments.length} payments, ${lost} lost, ${duplicated} duplicated, ${wrong} wrong`);
  return lost + duplicated + wrong === 0 && booked.length === payments.length;
}

try {
  await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: PARTITIONS, config: { 'retention.ms': '-1' } }]);
  await pool.query('CREATE TABLE ledger (id text NOT NULL, cents int NOT NULL)');
  await pool.query('CREATE TABLE accounts (id text PRIMARY KEY, cents bigint NOT NULL)');
  for (let i = 0; i < ACCOUNTS; i++) await pool.query('INSERT INTO accounts VALUES ($1, 0)', [`a${i}`]);
  say(`seed ${seed}, on ${broker.how}`);
  await bundle();
  for (let killed = 0; killed < kills;) {
    if (!(await nextLife())) continue;
    if (++killed % SAID_EVERY === 0) say(`${killed} kills so far`);
  }
  await live({ bootstrap, topic, postgres: server.url }, undefined);
  process.exitCode = (await judge()) ? 0 : 1;
} finally {
  rmSync(BUNDLE, { recursive: true, force: true });
  await pool.end();
  await server.stop();
  await broker.stop();
}
