import path from 'node:path';
import { findBroker } from '../../scripts/kafka/find-broker.mjs';
import { confluentDriver, kafka } from '../../packages/kafka/src/index.ts';
import { median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { runNode } from '../harness/process.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PARTITIONS = 4;
const RECORDS = 1_000_000;
const RECORDS_QUICK = 100_000;
const INTERVAL_MS = 200;

/** What both contenders print. */
interface Run {
  readonly records: number;
  readonly s: number;
  readonly rps: number;
  readonly procUs: number;
}

async function fill(bootstrap: string, topic: string, records: number): Promise<void> {
  await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: PARTITIONS, config: { 'retention.ms': '-1' } }]);
  const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, 'linger.ms': 20 };
  const failures: Error[] = [];
  const producer = await confluentDriver.producer(settings, { failed: (error) => failures.push(error) });
  for (let i = 0; i < records; i++) {
    const order = {
      order_id: `o-${i}`,
      customer_id: `c-${i % 9_973}`,
      category: 'books',
      amount: (i % 10_000) / 100,
      at: i,
    };
    const value = Buffer.from(JSON.stringify(order));
    const record = { topic, partition: i % PARTITIONS, key: null, value, timestamp: 1_000 + i, headers: [] };
    while (!producer.send(record)) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await producer.flush();
  if (failures[0] !== undefined) throw failures[0];
  await producer.close();
}

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  const name = 'kafka';
  const broker = await findBroker();
  if (broker.bootstrap === undefined)
    return { name, figures: [], bars: [], notes: [`left out: ${broker.missing}`], wrong: [] };
  const { bootstrap, stop } = broker;
  const records = quick ? RECORDS_QUICK : RECORDS;
  try {
    await fill(bootstrap, 'bench-in', records);
    const contenders = {
      millrace: (i: number, out: string) => millrace(bootstrap, out, `ours-${i}`, records),
      'bare loop': (i: number, out: string) => bareLoop(bootstrap, out, `bare-${i}`, records),
    };
    const runs = new Map<string, Run[]>(Object.keys(contenders).map((contender) => [contender, []]));
    for (let i = 0; i < rounds; i++) {
      const order = Object.entries(contenders);
      for (const [contender, measure] of i % 2 === 0 ? order : order.reverse()) {
        const out = `bench-out-${contender.replace(' ', '-')}-${i}`;
        await kafka.ensureTopics({ bootstrap }, [{ name: out, partitions: PARTITIONS }]);
        runs.get(contender)?.push(await measure(i, out));
      }
    }
    return resultOf(name, runs, records);
  } finally {
    await stop();
  }
}

async function millrace(bootstrap: string, out: string, group: string, records: number): Promise<Run> {
  const job = path.join(ROOT, 'bench', 'kafka', 'copy-job.ts');
  const args = ['--conditions=millrace-source', '--import', 'tsx', job, bootstrap, 'bench-in', out, group];
  const { stdout } = await runNode([...args, String(INTERVAL_MS), String(records)], ROOT);
  return JSON.parse(stdout) as Run;
}

/** The client is the one of packages/kafka: the loop finds it through CK. */
async function bareLoop(bootstrap: string, out: string, group: string, records: number): Promise<Run> {
  process.env['CK'] = path.join(ROOT, 'packages', 'kafka', 'package.json');
  const loop = path.join(ROOT, 'bench', 'peers', 'bare-loop-eos.mjs');
  const names = ['--group', group, '--txid', group, '--transform', 'json', '--interval', String(INTERVAL_MS)];
  const { stdout } = await runNode([loop, bootstrap, 'bench-in', out, String(records), ...names], ROOT);
  return JSON.parse(stdout) as Run;
}

function resultOf(name: string, runs: ReadonlyMap<string, readonly Run[]>, records: number): CaseResult {
  const middle = (contender: string, of: (run: Run) => number): number => median((runs.get(contender) ?? []).map(of));
  const ratio = middle('millrace', ({ rps }) => rps) / middle('bare loop', ({ rps }) => rps);
  const cpu = (contender: string): string => middle(contender, ({ procUs }) => procUs).toFixed(1);
  const short = [...runs].flatMap(([contender, all]) =>
    all.filter((one) => one.records !== records).map((one) => `${contender} read ${one.records} of ${records} records`),
  );
  return {
    name,
    figures: [...runs.keys()].map((contender) => ({
      contender,
      medianMs: middle(contender, ({ s }) => s * 1_000),
      recordsPerSecond: Math.round(middle(contender, ({ rps }) => rps)),
    })),
    bars: [{ what: 'records/s, millrace / bare loop', value: ratio, bar: '>= 0.8', met: ratio >= 0.8 }],
    notes: [`CPU us per record: millrace ${cpu('millrace')}, bare loop ${cpu('bare loop')}`],
    wrong: short,
  };
}

export const kafkaCase: BenchCase = {
  name: 'kafka',
  about: 'topic to topic, exactly once, commits every 200 ms: JSON in, one field more, JSON out',
  run,
};
