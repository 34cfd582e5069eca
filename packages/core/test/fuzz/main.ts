/**
 * Random scripts against the independent model.
 *
 *   npm run fuzz -- --scripts 100000 --seed 1 [--kind window] [--path slices|general|both] [--workers 2]
 *   npm run fuzz -- --mutants [--scripts 20000]      every built-in fault of the engine must be found
 *   npm run fuzz -- --mutant NAME
 *
 * Without --seed a random one, printed. Last line: `N scripts, K differences, seed S`. Exit 1 on a difference or a mutant
 * that was missed, 2 for wrong usage.
 */
import { fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Path } from '../vectors-adapter/index.ts';
import { caseOf } from './cases.ts';
import { differenceOf, shrink } from './check.ts';
import { runMutants } from './run-mutants.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function usage(why: string): never {
  process.stderr.write(
    `${why}\nusage: npm run fuzz -- --scripts N [--seed S] [--kind K] [--path slices|general|both]\n`,
  );
  process.exit(2);
}

function readOptions() {
  try {
    const text = { type: 'string' } as const;
    const flag = { type: 'boolean' } as const;
    return parseArgs({
      options: {
        scripts: text,
        seed: text,
        kind: text,
        path: text,
        workers: text,
        mutants: flag,
        mutant: text,
        part: flag,
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

function whole(name: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (!/^\d+$/.test(value)) usage(`--${name} ${value}: must be a whole number`);
  return Number(value);
}

function pathOf(path: string): Path | 'both' {
  if (path === 'slices' || path === 'general' || path === 'both') return path;
  return usage(`--path ${path}: slices, general or both`);
}

/** Runs the scripts of `seeds`; returns how many were run, and the seed of the first difference. */
async function runScripts(
  seeds: { readonly from: number; readonly to: number; readonly step: number },
  kind: string | undefined,
  path: Path | 'both',
): Promise<{ readonly scripts: number; readonly failed: number | undefined }> {
  let scripts = 0;
  for (let seed = seeds.from; seed < seeds.to; seed += seeds.step) {
    scripts++;
    if ((await differenceOf(caseOf(seed, kind), path)) !== undefined) return { scripts, failed: seed };
  }
  return { scripts, failed: undefined };
}

async function report(seed: number, kind: string | undefined, path: Path | 'both'): Promise<void> {
  const small = await shrink(caseOf(seed, kind), path);
  const difference = await differenceOf(small, path);
  say(
    `DIFFERENCE at seed ${seed}: npm run fuzz -- --scripts 1 --seed ${seed}${kind === undefined ? '' : ` --kind ${kind}`}`,
  );
  say(`  kind   ${small.kind}\n  config ${JSON.stringify(small.config)}\n  script ${JSON.stringify(small.script)}`);
  say(`  step ${difference?.step}: ${difference?.why}`);
  say(`  model  ${JSON.stringify(difference?.want)}\n  engine ${JSON.stringify(difference?.got)}`);
}

/** A child process that runs every `workers`th seed; the code with which it ends says whether it found a difference. */
function runPart(from: number, to: number, workers: number, args: readonly string[]): Promise<PartResult> {
  const part = ['--part', '--seed', String(from), '--scripts', String(to), '--workers', String(workers), ...args];
  return new Promise((resolve, reject) => {
    const child = fork(process.argv[1] as string, part, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    let result: PartResult | undefined;
    child.on('message', (message) => (result = message as PartResult));
    child.on('error', reject);
    child.on('exit', (code) =>
      result === undefined ? reject(new Error(`a part ended with code ${code}`)) : resolve(result),
    );
  });
}

interface PartResult {
  readonly scripts: number;
  readonly failed: number | undefined;
}

const options = readOptions();
const path = pathOf(options.path ?? 'both');
const { kind } = options;
if (options.mutants === true || options.mutant !== undefined) {
  const missed = await runMutants({ only: options.mutant, scripts: whole('scripts', options.scripts, 20_000), say });
  process.exitCode = missed > 0 ? 1 : 0;
} else if (options.part === true) {
  const [from, to, step] = [
    whole('seed', options.seed, 1),
    whole('scripts', options.scripts, 0),
    whole('workers', options.workers, 1),
  ];
  process.send?.(await runScripts({ from, to, step }, kind, path));
  process.disconnect();
} else {
  const scripts = whole('scripts', options.scripts, 10_000);
  const seed = whole('seed', options.seed, randomInt(1, 1_000_000_000));
  const workers = Math.min(
    whole('workers', options.workers, availableParallelism()),
    Math.max(1, Math.floor(scripts / 500)),
  );
  say(`seed ${seed}`);
  const args = [...(kind === undefined ? [] : ['--kind', kind]), '--path', path];
  const parts =
    workers === 1
      ? [await runScripts({ from: seed, to: seed + scripts, step: 1 }, kind, path)]
      : await Promise.all(Array.from({ length: workers }, (_, i) => runPart(seed + i, seed + scripts, workers, args)));
  const found = parts.flatMap(({ failed }) => (failed === undefined ? [] : [failed]));
  for (const failed of found) await report(failed, kind, path);
  const run = parts.reduce((sum, part) => sum + part.scripts, 0);
  say(`${run} scripts, ${found.length} differences, seed ${seed}`);
  process.exitCode = found.length > 0 || run === 0 ? 1 : 0;
}
