/**
 * Schedules of faults against the whole job on a modelled clock, disk and Kafka cluster.
 *
 *   npm run sim -- --seeds 20000 [--seed 1] [--workers 2]      schedules 1 to 20000; [--on files|kafka]: of one kind only
 *   npm run sim -- --mutants                                    names of the built-in faults of the protocol
 *   npm run sim -- --mutant NAME [--seeds 6000]                 exit 1 at the first schedule that fails, 0 if none does
 *
 * A mutant runs the schedules of the kind that it is about.
 *
 * Prints how often a process died on each side of each step of the commit protocol, and one line to run the first failure
 * again. Last line: `N schedules, C crashes, K fault kinds, L lost, D duplicated, W wrong`. Exit 1 if anything was lost,
 * duplicated or wrong, or not reached; 2 for wrong usage.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.ts';
import { mutantNamed, runMutant } from './run-mutant.ts';
import { runSeed, type Kind } from './run-seed.ts';
import { addReport, addTotals, gapsIn, noTotals, tableOf, type Totals } from './totals.ts';

// Records that fail on purpose need no stack traces, which cost more than all the rest.
Error.stackTraceLimit = 0;

const SEEDS = 2_000;
/** Some faults need several things to go wrong in the right order. */
const MUTANT_SEEDS = 6_000;
const say = (text: string): void => void process.stdout.write(`${text}\n`);

function usage(why: string): never {
  process.stderr.write(
    `${why}\nusage: npm run sim -- --seeds N [--seed S] [--workers W] [--on files|kafka] | --mutants | --mutant NAME\n`,
  );
  process.exit(2);
}

function readOptions() {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const options = {
    seeds: text,
    seed: text,
    workers: text,
    mutant: text,
    mutants: flag,
    every: text,
    on: text,
    'until-failure': flag,
  };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, value: string | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (!/^\d{1,15}$/.test(value) || Number(value) < least)
    usage(`--${name} ${value}: must be a whole number from ${least} on`);
  return Number(value);
}

function kindOf(on: string | undefined): Kind | undefined {
  if (on === undefined || on === 'files' || on === 'kafka') return on;
  return usage(`--on ${on}: must be files or kafka`);
}

/** Schedules `first`, `first + every`, ... below `end`. */
interface Range {
  readonly first: number;
  readonly end: number;
  readonly every: number;
  readonly on: Kind | undefined;
}

async function runSchedules({ first, end, every, on }: Range, untilFailure: boolean): Promise<Totals> {
  const totals = noTotals();
  for (let seed = first; seed < end; seed += every) {
    addReport(totals, await runSeed(seed, on));
    if (untilFailure && totals.failure !== undefined) return totals;
  }
  return totals;
}

function inWorker({ first, end, every, on }: Range): Promise<Totals> {
  return new Promise((resolve, reject) => {
    const args = ['--seed', String(first), '--seeds', String(end - first), '--every', String(every)];
    if (on !== undefined) args.push('--on', on);
    const child = fork(fileURLToPath(import.meta.url), args);
    child.once('message', (totals) => resolve(totals as Totals));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a worker ended with code ${code}`)));
  });
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options.mutants) {
    for (const { name } of MUTANTS) say(name);
    return 0;
  }
  const first = whole('seed', options.seed, 1, 0);
  const seeds = whole('seeds', options.seeds, options.mutant === undefined ? SEEDS : MUTANT_SEEDS, 1);
  if (options.mutant !== undefined) {
    const mutant = mutantNamed(options.mutant);
    if (mutant === undefined) return usage(`no mutant ${options.mutant}; --mutants names them`);
    const on = mutant.file.startsWith('packages/kafka/') ? 'kafka' : 'files';
    return runMutant(mutant, ['--seed', String(first), '--seeds', String(seeds), '--on', on]);
  }
  const on = kindOf(options.on);
  const end = first + seeds;
  if (options.every !== undefined) {
    const totals = await runSchedules({ first, end, every: whole('every', options.every, 1, 1), on }, false);
    process.send?.(totals);
    return 0;
  }
  const untilFailure = options['until-failure'];
  const workers = untilFailure
    ? 1
    : Math.min(seeds, whole('workers', options.workers, Math.min(8, availableParallelism()), 1));
  const parts =
    workers === 1
      ? [await runSchedules({ first, end, every: 1, on }, untilFailure)]
      : await Promise.all(
          Array.from({ length: workers }, (_, i) => inWorker({ first: first + i, end, every: workers, on })),
        );
  const totals = noTotals();
  for (const part of parts) addTotals(totals, part);
  return judge(totals, on, untilFailure);
}

function judge(totals: Totals, on: Kind | undefined, untilFailure: boolean): number {
  const { schedules, crashes, lost, duplicated, wrong, failure } = totals;
  if (!untilFailure) say(`${tableOf(totals)}\n`);
  if (failure !== undefined) {
    for (const problem of failure.problems.slice(0, 5)) say(`  ${problem}`);
    say(
      `first failure (${failure.name}): npm run sim -- --seeds 1 --seed ${failure.seed}${on === undefined ? '' : ` --on ${on}`}`,
    );
  }
  const gaps = untilFailure || on !== undefined ? [] : gapsIn(totals);
  for (const gap of gaps) say(`not reached: ${gap}`);
  const kinds = Object.keys(totals.kinds).length;
  say(
    `${schedules} schedules, ${crashes} crashes, ${kinds} fault kinds, ${lost} lost, ${duplicated} duplicated, ${wrong} wrong`,
  );
  return lost + duplicated + wrong > 0 || gaps.length > 0 ? 1 : 0;
}

process.exitCode = await main();
