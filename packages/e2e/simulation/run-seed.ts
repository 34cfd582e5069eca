import { seededRandom, simulate, PROTOCOL_STEPS, type SimulationReport } from 'millrace/testing';
import { KAFKA_STEPS } from '../../kafka/src/testing.ts';
import { fileCaseOf } from './file-cases.ts';
import { kafkaCaseOf } from './kafka-cases.ts';

/** Every step of the protocol, on files and on Kafka. */
export const ALL_STEPS: readonly string[] = [...PROTOCOL_STEPS, ...KAFKA_STEPS];

/** What a schedule must have to count. */
const RECORDS_MIN = 200;
const COMMITS_MIN = 3;
/** Every third schedule is one on Kafka. */
const KAFKA_EVERY = 3;
/** So many schedules on Kafka in a row aim at the same step: every program has its turn, on both sides. */
const AIMED_IN_A_ROW = 10;

/** The schedule of a seed: its program, its input, long enough, and what goes wrong. */
export async function runSeed(seed: number): Promise<SimulationReport & { readonly name: string }> {
  const onKafka = seed % KAFKA_EVERY === 0;
  const n = onKafka ? seed / KAFKA_EVERY : seed - Math.ceil(seed / KAFKA_EVERY);
  const step = onKafka
    ? KAFKA_STEPS[Math.floor(n / AIMED_IN_A_ROW) % KAFKA_STEPS.length]
    : PROTOCOL_STEPS[Math.floor(n / 2) % PROTOCOL_STEPS.length];
  const aim = step === undefined ? {} : { aim: { step, side: n % 2 === 0 ? 'before' : 'after' } as const };
  for (let records = RECORDS_MIN; ; records *= 2) {
    const made = (onKafka ? kafkaCaseOf : fileCaseOf)(n, seededRandom(seed), records);
    const outside = made.outside === undefined ? {} : { outside: made.outside };
    const report = await simulate(made.flow, { seed, onError: made.onError, files: made.files, ...outside, ...aim });
    if (report.records >= RECORDS_MIN && report.commits >= COMMITS_MIN) return { ...report, name: made.name };
  }
}
