import path from 'node:path';
import { findBroker } from '../../scripts/kafka/find-broker.mjs';
import { kafka } from '../../packages/kafka/src/index.ts';
import { median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { runNode } from '../harness/process.ts';
import { readCommitted } from '../kafka/read-committed.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const PARTITIONS = 4;
const RECORDS = 500_000;
const RECORDS_QUICK = 100_000;
const CONTENDERS = ['millrace', 'queue', 'bare'] as const;

type Contender = (typeof CONTENDERS)[number];

/** What a contender prints. Time and CPU are taken from the first record to the last acknowledgement. */
interface Printed {
  readonly records: number;
  readonly s: number;
  readonly rps: number;
  readonly procUs: number;
}

/** What came of one round. */
type Round = Readonly<Record<Contender, Printed>>;

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  const name = 'producer';
  const broker = await findBroker();
  if (broker.bootstrap === undefined)
    return { name, figures: [], bars: [], notes: [`left out: ${broker.missing}`], wrong: [] };
  const { bootstrap, stop } = broker;
  const records = quick ? RECORDS_QUICK : RECORDS;
  const measured: Round[] = [];
  const wrong: string[] = [];
  try {
    for (let i = 0; i < rounds; i++) {
      const order = i % 2 === 0 ? CONTENDERS : CONTENDERS.toReversed();
      const round = new Map<Contender, Printed>();
      for (const contender of order) {
        const topic = `bench-send-${Date.now().toString(36)}-${contender}`;
        await kafka.ensureTopics({ bootstrap }, [{ name: topic, partitions: PARTITIONS }]);
        round.set(contender, await send(contender, bootstrap, topic, records));
        const found = await readCommitted(bootstrap, topic, PARTITIONS, numberOf);
        if (found.records !== records || found.distinct !== records)
          wrong.push(`${contender} wrote ${found.records} of ${records} records, ${found.distinct} different ones`);
      }
      // All three are there.
      measured.push(Object.fromEntries(round) as Round);
    }
  } finally {
    await stop();
  }
  return resultOf(name, measured, wrong);
}

async function send(contender: Contender, bootstrap: string, topic: string, records: number): Promise<Printed> {
  const program = path.join(ROOT, 'bench', 'kafka', 'send-program.ts');
  const args = [program, contender, bootstrap, topic, String(records)];
  const { stdout } = await runNode(['--conditions=millrace-source', '--import', 'tsx', ...args], ROOT);
  return JSON.parse(stdout) as Printed;
}

function numberOf(text: string): number {
  return (JSON.parse(text) as { readonly n: number }).n;
}

function resultOf(name: string, rounds: readonly Round[], wrong: readonly string[]): CaseResult {
  const middle = (contender: Contender, of: (one: Printed) => number): number =>
    median(rounds.map((round) => of(round[contender])));
  const ratio = (contender: Contender): number => median(rounds.map((round) => round[contender].rps / round.bare.rps));
  return {
    name,
    figures: CONTENDERS.map((contender) => ({
      contender,
      medianMs: middle(contender, ({ s }) => s * 1_000),
      recordsPerSecond: Math.round(middle(contender, ({ rps }) => rps)),
    })),
    bars: [],
    notes: [
      `records/s of send / bare loop: ${ratio('millrace').toFixed(2)}; with a queue ${ratio('queue').toFixed(2)}`,
      ...CONTENDERS.map(
        (contender) => `${contender}: ${middle(contender, ({ procUs }) => procUs).toFixed(1)} us of CPU per record`,
      ),
    ],
    wrong,
  };
}

export const producerCase: BenchCase = {
  name: 'producer',
  about: 'kafka.producer: send of values of 200 bytes, each a promise, against a bare loop of the client',
  run,
};
