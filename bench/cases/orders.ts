import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { atMost, figuresOf, median, timeRatio } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { runNode } from '../harness/process.ts';
import { differences, type OrdersSummary } from './orders-output.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const CACHE = path.join(ROOT, '.cache', 'bench');
const FLOOR = path.join(ROOT, 'bench', 'peers', 'orders-floor.mjs');
const SOURCES = '--conditions=millrace-source';
const MB = 2 ** 20;

interface Run {
  readonly wallMs: number;
  readonly summary: OrdersSummary;
}

/** The input, generated once. A file is renamed into place when it is complete. */
async function inputFile(orders: number): Promise<string> {
  const file = path.join(CACHE, `orders-${orders}.ndjson`);
  if (existsSync(file)) return file;
  mkdirSync(CACHE, { recursive: true });
  const generate = path.join(ROOT, 'examples', 'revenue', 'generate.ts');
  await runNode([SOURCES, '--import', 'tsx', generate, '--orders', `${orders}`, '--output', `${file}.tmp`], ROOT);
  renameSync(`${file}.tmp`, file);
  return file;
}

/** What `npm start` runs, without npm. */
async function millrace(input: string): Promise<Run> {
  const summary = path.join(CACHE, 'summary.json');
  const start = path.join(ROOT, 'scripts', 'start.mjs');
  const output = path.join(CACHE, 'millrace');
  const args = [SOURCES, start, '--input', input, '--output', output, '--summary', summary];
  const { wallMs } = await runNode(args, ROOT);
  return { wallMs, summary: JSON.parse(readFileSync(summary, 'utf8')) as OrdersSummary };
}

async function floor(input: string): Promise<Run> {
  const { wallMs, stdout } = await runNode([FLOOR, input, path.join(CACHE, 'floor')], ROOT);
  return { wallMs, summary: JSON.parse(stdout) as OrdersSummary };
}

async function run({ orders, rounds }: BenchOptions): Promise<CaseResult> {
  const input = await inputFile(orders);
  const ours: Run[] = [];
  const theirs: Run[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) ours.push(await millrace(input));
    theirs.push(await floor(input));
    if (round % 2 === 1) ours.push(await millrace(input));
  }
  const wallMs = (runs: readonly Run[]): number[] => runs.map((one) => one.wallMs);
  const measured = {
    timesMs: new Map([
      ['millrace', wallMs(ours)],
      ['floor', wallMs(theirs)],
    ]),
  };
  const [mine, other] = [ours.at(-1)?.summary as OrdersSummary, theirs.at(-1)?.summary as OrdersSummary];
  const peakMb = (runs: readonly Run[]): number => Math.max(...runs.map((one) => one.summary.peakRssBytes)) / MB;
  const seconds = (runs: readonly Run[]): string => median(runs.map((one) => one.summary.seconds)).toFixed(2);
  const rows = [path.join(CACHE, 'millrace', 'revenue'), path.join(CACHE, 'floor', 'revenue.ndjson')] as const;
  return {
    name: 'orders',
    figures: figuresOf(measured, mine.read),
    bars: [
      atMost('wall time over the floor (bar: 5,000,000)', timeRatio(measured, 'millrace', 'floor'), 1.4),
      atMost('peak memory, MB', peakMb(ours), 300),
    ],
    notes: [
      `${mine.read} lines, ${(statSync(input).size / MB).toFixed(0)} MB`,
      `peak memory of the floor: ${peakMb(theirs).toFixed(0)} MB`,
      `without the start of the process: millrace ${seconds(ours)} s, floor ${seconds(theirs)} s`,
    ],
    wrong: differences(mine, other, ...rows),
  };
}

export const orders: BenchCase = { name: 'orders', about: 'the orders job from a file, as whole processes', run };
