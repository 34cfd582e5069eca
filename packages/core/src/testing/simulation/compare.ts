import type { TaskMetrics } from '../../model/index.ts';
import type { Disk } from './disk.ts';
import { STATE } from './protocol-steps.ts';
import type { TrialResult } from './trial.ts';

/** Problems described one by one. */
const SHOWN_MAX = 10;
/** Checkpoints that a finished job keeps. */
export const RETAINED = 2;

/** How the output of a run differs from that of one without faults. */
export interface Differences {
  lost: number;
  duplicated: number;
  wrong: number;
  readonly problems: string[];
}

/** Lines are compared as bags, per sink; counters one by one. */
export function differencesOf(straight: TrialResult, result: TrialResult): Differences {
  const differences: Differences = { lost: 0, duplicated: 0, wrong: 0, problems: [] };
  const expected = straight.lines;
  const actual = result.lines;
  for (const sink of new Set([...expected.keys(), ...actual.keys()])) {
    compareBags(sink, bagOf(expected.get(sink)), bagOf(actual.get(sink)), differences);
  }
  compareCounters(straight.metrics, result.metrics, differences);
  return differences;
}

function bagOf(lines: readonly string[] = []): Map<string, number> {
  const bag = new Map<string, number>();
  for (const line of lines) bag.set(line, (bag.get(line) ?? 0) + 1);
  return bag;
}

function compareBags(sink: string, expected: Map<string, number>, actual: Map<string, number>, to: Differences): void {
  const say = (text: string): void => void (to.problems.length < SHOWN_MAX && to.problems.push(`${sink}: ${text}`));
  for (const [line, times] of expected) {
    const there = actual.get(line) ?? 0;
    if (there < times) {
      to.lost += times - there;
      say(`lost ${line}`);
    } else if (there > times) {
      to.duplicated += there - times;
      say(`${there} times instead of ${times}: ${line}`);
    }
  }
  for (const [line, times] of actual) {
    if (expected.has(line)) continue;
    to.wrong += times;
    say(`wrong ${line}`);
  }
}

function compareCounters(expected: TaskMetrics | undefined, actual: TaskMetrics | undefined, to: Differences): void {
  if (expected === undefined || actual === undefined) return;
  for (const before of expected.operators) {
    const after = actual.operators.find(({ name }) => name === before.name);
    for (const counter of ['in', 'out', 'filtered', 'late', 'deadLettered'] as const) {
      if (after?.[counter] === before[counter]) continue;
      to.wrong++;
      to.problems.push(`counter ${counter} of '${before.name}' is ${after?.[counter]} instead of ${before[counter]}`);
    }
  }
}

/** Whatever a finished job should not have left behind: all but its output and the checkpoints it keeps. */
export function leftoversIn(disk: Disk, retained: number): string[] {
  if (!disk.exists(STATE)) return [];
  const leftovers: string[] = [];
  const manifests: string[] = [];
  for (const name of disk.list(STATE)) {
    if (name.startsWith('chk-')) {
      const files = disk.list(`${STATE}/${name}`);
      if (files.length === 0) leftovers.push(`${STATE}/${name} is empty`);
      if (files.includes('manifest')) manifests.push(name);
    } else if (name !== 'commits' && name !== 'note') leftovers.push(`${STATE}/${name} was left behind`);
  }
  if (manifests.length > retained) leftovers.push(`${manifests.length} checkpoints were left behind`);
  for (const name of disk.exists(`${STATE}/commits`) ? disk.list(`${STATE}/commits`) : []) {
    if (name.startsWith('.')) leftovers.push(`${STATE}/commits/${name} was left behind`);
  }
  if (!disk.exists('/out')) return leftovers;
  for (const sink of disk.list('/out')) {
    for (const name of disk.list(`/out/${sink}`)) {
      if (!name.startsWith('part-')) leftovers.push(`/out/${sink}/${name} was left behind`);
    }
  }
  return leftovers;
}
