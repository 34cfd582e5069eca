import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { median } from '../harness/measure.ts';
import type { Bar, BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { Partner } from '../harness/partner.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
/** What the sink takes; the job could do several hundred times as much. */
const PER_SECOND = 5_000;
/** More than the sink takes in the time that is measured: the source has records all the while. */
const HEADROOM = 1.2;
/** Records that may be between file and sink: a batch, and what makes the sink full. */
const UNDERWAY = 2_048;
const GROWTH = 0.05;
const GROWTH_BYTES = 10 * 2 ** 20;
const LINES_AT_ONCE = 10_000;

/** Seconds: how long the sink is slow, and how long each of the two stretches is that are compared. */
const TIMES = { slow: 600, stretch: 60 };
const TIMES_QUICK = { slow: 30, stretch: 5 };

/** What the job says each second. */
interface Sample {
  readonly rss: number;
  readonly heapUsed: number;
  readonly written: number;
  readonly sum: number;
  readonly read: number;
  readonly time: { readonly backPressuredMsPerSecond: number; readonly busyMsPerSecond: number };
  readonly finished: boolean;
}

function writeLines(file: string, lines: number): void {
  const out = openSync(file, 'w');
  for (let n = 0; n < lines;) {
    const chunk: string[] = [];
    for (; chunk.length < LINES_AT_ONCE && n < lines; n++) chunk.push(`{"n":${n},"filler":"${'x'.repeat(20)}"}\n`);
    writeSync(out, chunk.join(''));
  }
  closeSync(out);
}

/** The last stretch against the second one: in the first buffers fill and code is compiled. */
function growth(samples: readonly Sample[], stretch: number, what: 'rss' | 'heapUsed'): { bar: Bar; note: string } {
  const sizes = samples.map((sample) => sample[what]);
  const [from, to] = [median(sizes.slice(stretch, 2 * stretch)), median(sizes.slice(-stretch))];
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  const allowed = Math.max(1 + GROWTH, (from + GROWTH_BYTES) / from);
  return {
    bar: {
      what: `${what} at last against at first`,
      value: to / from,
      bar: `<= ${allowed.toFixed(2)}`,
      met: to / from <= allowed,
    },
    note: `${what} ${mb(from)} at first, ${mb(to)} at last, ${mb(Math.max(...sizes))} at most`,
  };
}

async function measure(file: string, lines: number, slow: number) {
  const program = path.join(ROOT, 'bench', 'backpressure', 'slow-job.ts');
  const job = new Partner(['--conditions=millrace-source', '--import', 'tsx', program, file, String(PER_SECOND)], ROOT);
  try {
    const next = async (): Promise<Sample> => JSON.parse(await job.next()) as Sample;
    const samples: Sample[] = [];
    while (samples.length < slow) samples.push(await next());
    job.tell('open');
    let last = await next();
    while (!last.finished) last = await next();
    const wrong: string[] = [];
    if (last.written !== lines || last.sum !== (lines * (lines - 1)) / 2)
      wrong.push(`${last.written} of ${lines} records were written, their sum is ${last.sum}`);
    if (samples.some(({ finished }) => finished)) wrong.push('the job had no records left while its sink was slow');
    return { samples, wrong };
  } finally {
    await job.kill();
  }
}

async function run({ quick }: BenchOptions): Promise<CaseResult> {
  const { slow, stretch } = quick ? TIMES_QUICK : TIMES;
  const lines = Math.ceil(PER_SECOND * slow * HEADROOM);
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-bench-backpressure-'));
  try {
    const file = path.join(folder, 'in.ndjson');
    writeLines(file, lines);
    const { samples, wrong } = await measure(file, lines, slow);
    const growths = [growth(samples, stretch, 'rss'), growth(samples, stretch, 'heapUsed')];
    const ahead = Math.max(...samples.map(({ read, written }) => read - written));
    const [first, last] = [samples[stretch], samples.at(-1)];
    const rate = ((last?.written ?? NaN) - (first?.written ?? NaN)) / (slow - stretch - 1);
    const pressed = median(samples.slice(stretch).map(({ time }) => time.backPressuredMsPerSecond));
    return {
      name: 'backpressure',
      figures: [],
      bars: [
        ...growths.map(({ bar }) => bar),
        {
          what: 'records read ahead of the sink, at most',
          value: ahead,
          bar: `<= ${UNDERWAY}`,
          met: ahead <= UNDERWAY,
        },
      ],
      notes: [
        ...growths.map(({ note }) => note),
        `${slow} s with a sink of ${PER_SECOND} records/s: ${rate.toFixed(0)} records/s were read, ` +
          `the source was back-pressured for ${pressed.toFixed(0)} ms of each second; then all ${lines} arrived`,
      ],
      wrong,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const backpressure: BenchCase = {
  name: 'backpressure',
  about: 'memory of a job whose sink is slow for 10 minutes; the source slows down with it, nothing is lost',
  run,
};
