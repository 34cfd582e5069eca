import path from 'node:path';
import { findBroker } from '../../scripts/kafka/find-broker.mjs';
import { kafka } from '../../packages/kafka/src/index.ts';
import { median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { runNode } from '../harness/process.ts';
import { fillTopic, FOREVER } from '../kafka/fill-topic.ts';
import { readCommitted } from '../kafka/read-committed.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PARTITIONS = 4;
const RECORDS = 1_000_000;
const RECORDS_QUICK = 100_000;
const INTERVAL_MS = 200;

/** What both contenders print. Time and CPU are taken from the first record to the end of the last commit. */
interface Printed {
  readonly records: number;
  readonly s: number;
  readonly rps: number;
  readonly procUs: number;
}

/** What came of one run: said by the contender, and found in its output. */
interface Run extends Printed {
  /** Read-committed records of the output. */
  readonly written: number;
  readonly distinct: number;
}

type Contender = (group: string, out: string) => Promise<string>;

const orderOf = (n: number) => ({
  order_id: `o-${n}`,
  customer_id: `c-${n % 9_973}`,
  category: 'books',
  amount: (n % 10_000) / 100,
  at: n,
});

/** The number of an order that went through a contender; one without the new field counts as none. */
function numberOf(text: string): number {
  const { at, seen } = JSON.parse(text) as { readonly at: number; readonly seen?: number };
  return seen === 1 ? at : -1;
}

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  const name = 'kafka';
  const broker = await findBroker();
  if (broker.bootstrap === undefined)
    return { name, figures: [], bars: [], notes: [`left out: ${broker.missing}`], wrong: [] };
  const { bootstrap, stop } = broker;
  const records = quick ? RECORDS_QUICK : RECORDS;
  const id = Date.now().toString(36);
  const input = `bench-in-${id}`;
  try {
    await fillTopic(bootstrap, input, PARTITIONS, records, orderOf);
    const contenders: Readonly<Record<string, Contender>> = {
      millrace: (group, out) => millrace([bootstrap, input, out, group, String(INTERVAL_MS), String(records)]),
      'bare loop': (group, out) => bareLoop([bootstrap, input, out, String(records)], group),
    };
    const runs = new Map<string, Run[]>(Object.keys(contenders).map((contender) => [contender, []]));
    for (let i = 0; i < rounds; i++) {
      const order = Object.entries(contenders);
      for (const [contender, measure] of i % 2 === 0 ? order : order.reverse()) {
        const out = `bench-out-${id}-${contender.replace(' ', '-')}-${i}`;
        await kafka.ensureTopics({ bootstrap }, [{ name: out, partitions: PARTITIONS, config: FOREVER }]);
        const printed = JSON.parse(await measure(out, out)) as Printed;
        const found = await readCommitted(bootstrap, out, PARTITIONS, numberOf);
        runs.get(contender)?.push({ ...printed, written: found.records, distinct: found.distinct });
      }
    }
    return resultOf(name, runs, records);
  } finally {
    await stop();
  }
}

async function millrace(args: readonly string[]): Promise<string> {
  const job = path.join(ROOT, 'bench', 'kafka', 'copy-job.ts');
  const { stdout } = await runNode(['--conditions=millrace-source', '--import', 'tsx', job, ...args], ROOT);
  return stdout;
}

/** The client is the one of packages/kafka: the loop finds it through CK. */
async function bareLoop(args: readonly string[], group: string): Promise<string> {
  process.env['CK'] = path.join(ROOT, 'packages', 'kafka', 'package.json');
  const loop = path.join(ROOT, 'bench', 'peers', 'bare-loop-eos.mjs');
  const names = ['--group', group, '--txid', group, '--transform', 'json', '--interval', String(INTERVAL_MS)];
  const { stdout } = await runNode([loop, ...args, ...names], ROOT);
  return stdout;
}

function resultOf(name: string, runs: ReadonlyMap<string, readonly Run[]>, records: number): CaseResult {
  const middle = (contender: string, of: (run: Run) => number): number => median((runs.get(contender) ?? []).map(of));
  const ratio = middle('millrace', ({ rps }) => rps) / middle('bare loop', ({ rps }) => rps);
  const told = (contender: string): string =>
    `${contender}: ${Math.round(middle(contender, ({ rps }) => rps))} records/s, ` +
    `${middle(contender, ({ procUs }) => procUs).toFixed(1)} us of CPU per record`;
  const wrong = [...runs].flatMap(([contender, all]) =>
    all
      // What a contender reads beyond the count belongs to nobody: the input has no more.
      .filter((one) => one.records !== records || one.written !== records || one.distinct !== records)
      .map(
        ({ records: read, written, distinct }) =>
          `${contender} read ${read} of ${records} records and wrote ${written}, ${distinct} different ones`,
      ),
  );
  return {
    name,
    figures: [...runs.keys()].map((contender) => ({
      contender,
      medianMs: middle(contender, ({ s }) => s * 1_000),
      recordsPerSecond: Math.round(middle(contender, ({ rps }) => rps)),
    })),
    bars: [{ what: 'records/s, millrace / bare loop', value: ratio, bar: '>= 0.8', met: ratio >= 0.8 }],
    notes: [...runs.keys()].map(told),
    wrong,
  };
}

export const kafkaCase: BenchCase = {
  name: 'kafka',
  about: 'topic to topic, exactly once, commits every 200 ms: JSON in, one field more, JSON out',
  run,
};
