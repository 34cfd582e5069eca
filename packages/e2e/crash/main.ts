/**
 * Kills real processes of the main job with SIGKILL at random moments and starts it again until it has finished; then reads
 * its output and compares it with an independent calculation.
 *
 *   npm run crash -- --kills 200 [--seed 1] [--orders 800000]
 *
 * After each kill: whatever was visible before is there, unchanged, and ends with a whole line. At the end of each job: the
 * lines are those of the calculation, in their order, the counts in --summary too, and nothing is left behind but the kept
 * checkpoints. Last line: `K kills, J jobs, L lost, D duplicated, W wrong`. Exit 1 if anything is.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { writeOrders } from '../../../examples/revenue/generator/write-orders.ts';
import { calculate } from '../test/revenue/reference/calculate.ts';
import { inputFile } from './input-file.ts';
import { compareOutput, type Differences } from './compare-output.ts';
import { VisibleLines } from './visible-lines.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = path.join(ROOT, 'examples/revenue/main.ts');
const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
/** A start that is not killed takes some 0.5 s, and 0.4 s per 100,000 orders. */
const KILLED_WITHIN_MS = 1_700;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function readOptions() {
  const text = { type: 'string' } as const;
  try {
    const {
      kills = '200',
      seed = '1',
      orders = '800000',
    } = parseArgs({ options: { kills: text, seed: text, orders: text } }).values;
    const numbers = [kills, seed, orders].map(Number) as [number, number, number];
    if (numbers.every((number) => Number.isSafeInteger(number) && number >= 0) && numbers[0] > 0 && numbers[2] > 0)
      return numbers;
  } catch {
    // Told below.
  }
  process.stderr.write('usage: npm run crash -- --kills N [--seed S] [--orders N]\n');
  return process.exit(2);
}

/** Moments of kills from a seed. What is running then is up to the machine. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function start(input: string, output: string, summary: string): ChildProcess {
  const args = ['--input', input, '--output', output, '--summary', summary];
  return spawn(process.execPath, ['--conditions=millrace-source', '--import', TSX, MAIN, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

/** Runs until the end or the kill, whichever comes first. */
async function runUntil(
  child: ChildProcess,
  killAfterMs: number,
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, stderr };
}

async function main(): Promise<number> {
  const [kills, seed, orders] = readOptions();
  const random = randomFrom(seed);
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-crash-'));
  const totals: Differences = { lost: 0, duplicated: 0, wrong: 0, problems: [] };
  let killed = 0;
  let jobs = 0;
  try {
    const input = path.join(folder, 'orders.ndjson');
    writeOrders(input, { orders, seed });
    const expected = calculate([[inputFile(input)]], 300_000);
    while (killed < kills) {
      const job = path.join(folder, `job-${++jobs}`);
      mkdirSync(job);
      const [output, summary] = [path.join(job, 'out'), path.join(job, 'summary.json')];
      const visible = new VisibleLines(output);
      for (;;) {
        // Now and then a start is let through, so that the last steps of a job are killed, too, and jobs end.
        const killAfterMs = killed >= kills ? 600_000 : 300 + KILLED_WITHIN_MS * random();
        const { code, stderr } = await runUntil(start(input, output, summary), killAfterMs);
        totals.problems.push(...visible.look());
        if (code === 0) break;
        if (code !== null) {
          totals.problems.push(`the job failed with exit code ${code}: ${stderr.trim()}`);
          break;
        }
        killed++;
      }
      compareOutput(output, summary, expected, totals);
      rmSync(job, { recursive: true, force: true });
      say(`${killed} kills, ${jobs} jobs${totals.problems.length === 0 ? '' : `, problem: ${totals.problems.at(-1)}`}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  for (const problem of totals.problems.slice(0, 10)) say(`  ${problem}`);
  const wrong = totals.wrong + totals.problems.length;
  say(`${killed} kills, ${jobs} jobs, ${totals.lost} lost, ${totals.duplicated} duplicated, ${wrong} wrong`);
  return totals.lost + totals.duplicated + wrong > 0 ? 1 : 0;
}

process.exitCode = await main();
