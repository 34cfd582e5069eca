import path from 'node:path';
import { startBroker } from '../../scripts/kafka/broker.mjs';
import { javaProblem } from '../../scripts/kafka/broker-program.mjs';
import { kafka } from '../../packages/kafka/src/index.ts';
import { median } from '../harness/measure.ts';
import type { Bar, BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { Partner } from '../harness/partner.ts';
import { fillTopic, FOREVER } from '../kafka/fill-topic.ts';
import { readCommitted } from '../kafka/read-committed.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PARTITIONS = 4;
/** Far more than the client reads ahead: a job that did not slow down would have them all in memory. */
const RECORDS = 1_000_000;
const INTERVAL_MS = 200;
/** The sink is stalled once so many records went through it: by then the job is warm. */
const FLOWING_RECORDS = 50_000;
const GROWTH = 0.05;
const GROWTH_BYTES = 10 * 2 ** 20;
/** After the stall: until everything has arrived, or the broker has let the job in again. */
const RELEASED_MS = 300_000;

/** How long the stall takes, and how long each of the two stretches that are compared; seconds. */
interface Times {
  readonly stalled: number;
  readonly stretch: number;
}

const TIMES: Times = { stalled: 600, stretch: 60 };
const TIMES_QUICK: Times = { stalled: 30, stretch: 5 };

/** What the job says each second. */
interface Sample {
  readonly rss: number;
  readonly heapUsed: number;
  readonly commits: number;
  readonly restarts: number;
  readonly written: number;
}

/** A way to stall the sink of a running job, and to let it go again. */
interface Stall {
  readonly name: string;
  readonly begin: (job: Partner, broker: Broker) => void;
  readonly end: (job: Partner, broker: Broker) => void;
  /** Whether commits go on meanwhile. */
  readonly commits: boolean;
}

type Broker = Awaited<ReturnType<typeof startBroker>>;

const STALLS: readonly Stall[] = [
  {
    name: 'sink without room',
    begin: (job) => job.tell('close'),
    end: (job) => job.tell('open'),
    commits: true,
  },
  {
    name: 'broker stopped',
    begin: (_job, broker) => void broker.kill(0, 'SIGSTOP'),
    end: (_job, broker) => void broker.kill(0, 'SIGCONT'),
    commits: false,
  },
];

/** What came of one stall. */
interface Stalled {
  readonly name: string;
  readonly before: Sample;
  readonly samples: readonly Sample[];
  readonly after: Sample;
  readonly arrived: { readonly records: number; readonly distinct: number };
  readonly wrong: readonly string[];
}

async function measure(stall: Stall, times: Times): Promise<Stalled> {
  const broker = await startBroker();
  const { bootstrap } = broker;
  const [input, output] = ['stall-in', 'stall-out'];
  const file = path.join(ROOT, 'bench', 'kafka', 'stall-job.ts');
  const node = ['--conditions=millrace-source', '--import', 'tsx', file];
  try {
    await fillTopic(bootstrap, input, PARTITIONS, RECORDS, (n) => ({ n, category: 'books', filler: 'x'.repeat(100) }));
    await kafka.ensureTopics({ bootstrap }, [{ name: output, partitions: PARTITIONS, config: FOREVER }]);
    const job = new Partner([...node, bootstrap, input, output, String(INTERVAL_MS)], ROOT);
    try {
      const next = async (): Promise<Sample> => JSON.parse(await job.next()) as Sample;
      let before = await next();
      while (before.written < FLOWING_RECORDS) before = await next();
      stall.begin(job, broker);
      const samples: Sample[] = [];
      while (samples.length < times.stalled) samples.push(await next());
      stall.end(job, broker);
      let after = await next();
      for (const end = performance.now() + RELEASED_MS; after.written < RECORDS && performance.now() < end;)
        after = await next();
      await job.end();
      const numberOf = (text: string): number => (JSON.parse(text) as { n: number }).n;
      const arrived = await readCommitted(bootstrap, output, PARTITIONS, numberOf);
      const wrong = faults(stall, samples, arrived);
      return { name: stall.name, before, samples, after, arrived, wrong };
    } finally {
      stall.end(job, broker);
      await job.kill();
    }
  } finally {
    await broker.stop();
  }
}

function faults(stall: Stall, samples: readonly Sample[], arrived: Stalled['arrived']): string[] {
  const wrong: string[] = [];
  const [first, last] = [samples[1], samples.at(-1)];
  if (first === undefined || last === undefined) return [`${stall.name}: nothing was measured`];
  if (arrived.records !== RECORDS || arrived.distinct !== RECORDS)
    wrong.push(`${stall.name}: ${arrived.records} records arrived, ${arrived.distinct} different ones, of ${RECORDS}`);
  if (last.written >= RECORDS) wrong.push(`${stall.name}: the job had no records left while it was stalled`);
  if (stall.commits && last.commits <= first.commits) wrong.push(`${stall.name}: there were no commits meanwhile`);
  return wrong;
}

/** The last stretch against the second one, the first being the time in which buffers fill. */
function growth({ name, samples }: Stalled, { stretch }: Times, what: 'rss' | 'heapUsed'): { bar: Bar; note: string } {
  const sizes = samples.map((sample) => sample[what]);
  const from = median(sizes.slice(stretch, 2 * stretch));
  const to = median(sizes.slice(-stretch));
  const mb = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return {
    bar: {
      what: `${name}: growth of ${what}, MB`,
      value: (to - from) / 2 ** 20,
      bar: `<= ${Math.max(GROWTH * from, GROWTH_BYTES) / 2 ** 20 < 10.05 ? '10' : mb(GROWTH * from)}`,
      met: to - from <= Math.max(GROWTH * from, GROWTH_BYTES),
    },
    note: `${name}: ${what} ${mb(from)} at first, ${mb(to)} at last, ${mb(Math.max(...sizes))} at most`,
  };
}

async function run({ quick }: BenchOptions): Promise<CaseResult> {
  const name = 'kafka-stall';
  const problem = javaProblem();
  // A broker of its own, that can be stopped: neither KAFKA_BOOTSTRAP nor Docker will do.
  if (problem !== undefined) return { name, figures: [], bars: [], notes: [`left out: ${problem}`], wrong: [] };
  const times = quick ? TIMES_QUICK : TIMES;
  // Side by side: it is memory that is measured.
  const all = await Promise.all(STALLS.map((stall) => measure(stall, times)));
  const growths = all.flatMap((one) => [growth(one, times, 'rss'), growth(one, times, 'heapUsed')]);
  return {
    name,
    figures: [],
    bars: growths.map(({ bar }) => bar),
    notes: [
      ...growths.map(({ note }) => note),
      ...all.map(
        ({ name: stall, before, samples, after, arrived }) =>
          `${stall} for ${times.stalled} s: ${(samples.at(-1)?.commits ?? 0) - before.commits} commits meanwhile, ` +
          `${after.restarts} restarts in all, ${arrived.records} of ${RECORDS} records arrived, ${arrived.distinct} different ones`,
      ),
    ],
    wrong: all.flatMap(({ wrong }) => wrong),
  };
}

export const kafkaStall: BenchCase = {
  name: 'kafka-stall',
  about: 'memory of a job whose sink takes nothing for 10 minutes; then everything arrives exactly once',
  run,
};
