import { seededRandom, simulate, PROTOCOL_STEPS, type Aim, type SimulationReport } from 'millrace/testing';
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

/** Where a program keeps its output and its commits. */
export type Kind = 'files' | 'kafka';

/**
 * The schedule of a seed: its program, its input, long enough, and what goes wrong.
 *
 * @param on schedules of one kind only
 */
export async function runSeed(seed: number, on?: Kind): Promise<SimulationReport & { readonly name: string }> {
  const onKafka = on === undefined ? seed % KAFKA_EVERY === 0 : on === 'kafka';
  const n = on !== undefined ? seed : onKafka ? seed / KAFKA_EVERY : seed - Math.ceil(seed / KAFKA_EVERY);
  const aims = onKafka ? kafkaAims(n) : fileAims(n);
  for (let records = RECORDS_MIN; ; records *= 2) {
    const made = (onKafka ? kafkaCaseOf : fileCaseOf)(n, seededRandom(seed), records);
    const outside = made.outside === undefined ? {} : { outside: made.outside };
    const report = await simulate(made.flow, { seed, onError: made.onError, files: made.files, aims, ...outside });
    const failed = report.lost + report.duplicated + report.wrong > 0;
    const counts = report.records >= RECORDS_MIN && report.commits >= COMMITS_MIN;
    // What has failed is not made longer until it has not.
    if (counts || failed) return { ...report, name: made.name };
  }
}

function fileAims(n: number): readonly Aim[] {
  return aimsAt(PROTOCOL_STEPS, Math.floor(n / 2), n, 2);
}

/** More of them: there are fewer schedules on Kafka. */
function kafkaAims(n: number): readonly Aim[] {
  return aimsAt(KAFKA_STEPS, Math.floor(n / AIMED_IN_A_ROW), n, 3);
}

/** `count` steps that lie far from each other, on different sides. */
function aimsAt(steps: readonly string[], first: number, side: number, count: number): readonly Aim[] {
  const apart = Math.floor(steps.length / count);
  return Array.from({ length: count }, (_, i) => aimAt(steps, first + i * apart, side + i));
}

function aimAt(steps: readonly string[], i: number, side: number): Aim {
  return { step: steps[i % steps.length] as string, side: side % 2 === 0 ? 'before' : 'after' };
}
