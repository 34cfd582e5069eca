import type { SimulationReport } from 'millrace/testing';
import { ALL_STEPS } from './run-seed.ts';

/** What many schedules came to; plain data, so that workers can send theirs. */
export interface Totals {
  schedules: number;
  crashes: number;
  crashedAfterCommit: number;
  lost: number;
  duplicated: number;
  wrong: number;
  readonly kinds: Record<string, number>;
  readonly steps: Record<string, { readonly before: number; readonly after: number }>;
  /** The first seed that failed, and what was wrong with it. */
  failure: { readonly seed: number; readonly name: string; readonly problems: readonly string[] } | undefined;
}

/** Crashes on each side of each step, from so many schedules on. */
const STEP_CRASHES_MIN = 50;
const COVERAGE_FROM = 2_000;
const AFTER_COMMIT_SHARE = 0.9;

export function noTotals(): Totals {
  const steps = Object.fromEntries(ALL_STEPS.map((step) => [step, { before: 0, after: 0 }]));
  const counts = { schedules: 0, crashes: 0, crashedAfterCommit: 0, lost: 0, duplicated: 0, wrong: 0 };
  return { ...counts, kinds: {}, steps, failure: undefined };
}

export function addReport(totals: Totals, report: SimulationReport & { readonly name: string }): void {
  addTotals(totals, {
    ...report,
    schedules: 1,
    crashedAfterCommit: report.crashedAfterCommit ? 1 : 0,
    kinds: report.faults,
    steps: report.steps,
    failure:
      report.lost + report.duplicated + report.wrong > 0
        ? { seed: report.seed, name: report.name, problems: report.problems }
        : undefined,
  });
}

export function addTotals(totals: Totals, more: Totals): void {
  for (const count of ['schedules', 'crashes', 'crashedAfterCommit', 'lost', 'duplicated', 'wrong'] as const) {
    totals[count] += more[count];
  }
  for (const [kind, times] of Object.entries(more.kinds)) totals.kinds[kind] = (totals.kinds[kind] ?? 0) + times;
  for (const [step, { before, after }] of Object.entries(more.steps)) {
    const sum = totals.steps[step] ?? { before: 0, after: 0 };
    totals.steps[step] = { before: sum.before + before, after: sum.after + after };
  }
  if (more.failure !== undefined && more.failure.seed < (totals.failure?.seed ?? Infinity))
    totals.failure = more.failure;
}

/** What the schedules did not reach. */
export function gapsIn(totals: Totals): string[] {
  const gaps: string[] = [];
  if (totals.crashedAfterCommit < AFTER_COMMIT_SHARE * totals.schedules) {
    gaps.push(`only ${totals.crashedAfterCommit} of ${totals.schedules} schedules crash after the first commit`);
  }
  if (totals.schedules < COVERAGE_FROM) return gaps;
  for (const step of ALL_STEPS) {
    const { before, after } = totals.steps[step] as { before: number; after: number };
    if (Math.min(before, after) < STEP_CRASHES_MIN)
      gaps.push(`step '${step}': ${before} crashes before, ${after} after it`);
  }
  return gaps;
}

export function tableOf({ steps, kinds }: Totals): string {
  const row = (step: string): string => {
    const { before, after } = steps[step] as { before: number; after: number };
    return `${step.padEnd(28)}${String(before).padStart(8)}${String(after).padStart(8)}`;
  };
  const header = `${'step of the protocol'.padEnd(28)}${'before'.padStart(8)}${'after'.padStart(8)}`;
  const faults = Object.entries(kinds)
    .sort()
    .map(([kind, times]) => `${kind} ${times}`);
  return [header, ...ALL_STEPS.map(row), '', `faults: ${faults.join(', ')}`].join('\n');
}
