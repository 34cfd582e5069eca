import { seededRandom, simulate, PROTOCOL_STEPS, type SimulationReport } from '../../src/testing.ts';
import { caseOf } from './cases.ts';

/** What a schedule must have to count. */
const RECORDS_MIN = 200;
const COMMITS_MIN = 3;

/** The schedule of a seed: its program, its input, long enough, and what goes wrong. */
export async function runSeed(seed: number): Promise<SimulationReport & { readonly name: string }> {
  for (let records = RECORDS_MIN; ; records *= 2) {
    const made = caseOf(seed, seededRandom(seed), records);
    const step = PROTOCOL_STEPS[Math.floor(seed / 2) % PROTOCOL_STEPS.length];
    const aim = step === undefined ? {} : { aim: { step, side: seed % 2 === 0 ? 'before' : 'after' } as const };
    const report = await simulate(made.flow, { seed, onError: made.onError, files: made.files, ...aim });
    if (report.records >= RECORDS_MIN && report.commits >= COMMITS_MIN) return { ...report, name: made.name };
  }
}
