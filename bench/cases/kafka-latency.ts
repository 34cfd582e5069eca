import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { findBroker } from '../../scripts/kafka/find-broker.mjs';
import { kafka } from '../../packages/kafka/src/index.ts';
import { atMost, median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { Partner } from '../harness/partner.ts';
import type { Percentiles } from '../kafka/percentiles.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PARTITIONS = 4;
const RATE = 1_000;
const INTERVAL_MS = 200;
/** What a commit and its way to the reader may take beyond the interval. */
const BEYOND_MS = 50;
const RUNS = 3;
const SECONDS = 60;
const SECONDS_QUICK = 10;
/** Not counted: the processes compile their code. */
const WARM_SECONDS = 5;

/** What came of one run. */
interface Run {
  readonly seen: Percentiles & { readonly twice: number };
  readonly commits: Percentiles & { readonly restarts: number };
  readonly fed: { readonly sent: number; readonly latestMs: number };
}

function start(file: string, ...args: readonly (string | number)[]): Partner {
  const node = ['--conditions=millrace-source', '--import', 'tsx', path.join(ROOT, 'bench', 'kafka', file)];
  return new Partner([...node, ...args.map(String)], ROOT);
}

/** Three processes, so that none takes the time of another's event loop: one feeds, one is the job, one reads. */
async function measure(bootstrap: string, name: string, seconds: number): Promise<Run> {
  const [input, output] = [`latency-in-${name}`, `latency-out-${name}`];
  await kafka.ensureTopics(
    { bootstrap },
    [input, output].map((topic) => ({ name: topic, partitions: PARTITIONS })),
  );
  const all = RATE * (WARM_SECONDS + seconds);
  const job = start('latency-job.ts', bootstrap, input, output, INTERVAL_MS, (WARM_SECONDS * 1_000) / INTERVAL_MS);
  const reader = start('latency-reader.ts', bootstrap, output, PARTITIONS, all, RATE * WARM_SECONDS);
  const partners = [job, reader];
  try {
    await Promise.all([job.next(), reader.next()]);
    const feed = start('latency-feed.ts', bootstrap, input, PARTITIONS, RATE, WARM_SECONDS + seconds);
    partners.push(feed);
    const fed = JSON.parse(await feed.next((WARM_SECONDS + seconds) * 1_000 + 60_000)) as Run['fed'];
    const seen = JSON.parse(await reader.next()) as Run['seen'];
    const ended = job.end();
    const commits = JSON.parse(await job.next()) as Run['commits'];
    await ended;
    return { seen, commits, fed };
  } finally {
    await Promise.all(partners.map((partner) => partner.kill()));
  }
}

async function run({ quick }: BenchOptions): Promise<CaseResult> {
  const name = 'kafka-latency';
  const broker = await findBroker();
  if (broker.bootstrap === undefined)
    return { name, figures: [], bars: [], notes: [`left out: ${broker.missing}`], wrong: [] };
  const { bootstrap, stop } = broker;
  try {
    const runs: Run[] = [];
    const id = Date.now().toString(36);
    for (let i = 0; i < RUNS; i++) runs.push(await measure(bootstrap, `${id}-${i}`, quick ? SECONDS_QUICK : SECONDS));
    return resultOf(name, runs);
  } finally {
    await stop();
  }
}

function resultOf(name: string, runs: readonly Run[]): CaseResult {
  const p99 = median(runs.map(({ seen }) => seen.p99));
  const told = ({ p50, p90, p99: most, max }: Percentiles): string =>
    `p50 ${p50.toFixed(0)}, p90 ${p90.toFixed(0)}, p99 ${most.toFixed(0)}, max ${max.toFixed(0)} ms`;
  return {
    name,
    figures: [],
    bars: [atMost('p99 of produce to read-committed, ms', p99, INTERVAL_MS + BEYOND_MS)],
    notes: [
      `load average of the last 5 minutes: ${loadavg()[1]?.toFixed(1)} on ${availableParallelism()} cores; ` +
        'above that it is the machine that is measured',
      ...runs.flatMap(({ seen, commits, fed }, i) => [
        `run ${i + 1}: ${seen.count} records, ${told(seen)}; the feed was late by ${fed.latestMs.toFixed(0)} ms at most`,
        `       commits (${commits.count}): ${told(commits)}`,
      ]),
    ],
    wrong: runs.flatMap(({ seen, commits }, i) => [
      ...(seen.twice > 0 ? [`run ${i + 1}: ${seen.twice} records were seen twice`] : []),
      ...(commits.restarts > 0 ? [`run ${i + 1}: the job began again ${commits.restarts} times`] : []),
    ]),
  };
}

export const kafkaLatency: BenchCase = {
  name: 'kafka-latency',
  about: 'from when a record is due to when a read-committed reader has it, 1,000 records/s, commits every 200 ms',
  run,
};
