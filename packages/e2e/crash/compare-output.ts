import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Expected } from '../test/revenue/reference/calculate.ts';
import { outputLines } from '../test/revenue/support/outputs.ts';

export interface Differences {
  lost: number;
  duplicated: number;
  wrong: number;
  readonly problems: string[];
}

/** Checkpoints that a finished job keeps. */
const RETAINED = 2;

/** The output of a finished job against the calculation: lines as bags for the count, their order on top. */
export function compareOutput(output: string, summary: string, expected: Expected, to: Differences): void {
  const letters = outputLines(path.join(output, 'dead-letter')).map((line) => {
    const { message: _wording, ...letter } = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify(letter);
  });
  compareLines('revenue', expected.rows, outputLines(path.join(output, 'revenue')), to);
  compareLines('late', expected.late, outputLines(path.join(output, 'late')), to);
  compareLines(
    'dead-letter',
    expected.deadLetters.map((letter) => JSON.stringify(letter)),
    letters,
    to,
  );
  compareSummary(summary, expected, to);
  to.problems.push(...leftBehind(output));
}

function compareLines(what: string, expected: readonly string[], actual: readonly string[], to: Differences): void {
  const bag = new Map<string, number>();
  for (const line of actual) bag.set(line, (bag.get(line) ?? 0) + 1);
  for (const line of expected) {
    const left = bag.get(line) ?? 0;
    if (left === 0) to.lost++;
    bag.set(line, left - 1);
  }
  const known = new Set(expected);
  for (const [line, left] of bag) {
    if (left <= 0) continue;
    if (known.has(line)) to.duplicated += left;
    else to.wrong += left;
  }
  if (expected.length === actual.length && expected.some((line, i) => line !== actual[i])) {
    to.problems.push(`${what}: the lines are right, their order is not`);
  }
}

function compareSummary(file: string, expected: Expected, to: Differences): void {
  const { read, late, malformed, windows } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  const wanted = [expected.read, expected.late.length, expected.deadLetters.length, expected.rows.length];
  const [found, expectedText] = [JSON.stringify([read, late, malformed, windows]), JSON.stringify(wanted)];
  if (found !== expectedText) to.problems.push(`--summary says ${found}, not ${expectedText}`);
}

function leftBehind(output: string): string[] {
  const problems = ['revenue', 'late', 'dead-letter'].flatMap((folder) =>
    readdirSync(path.join(output, folder))
      .filter((name) => !/^part-0-\d{10}-[0-9a-f-]{36}\.ndjson$/.test(name))
      .map((name) => `${folder}/${name} was left behind`),
  );
  const state = path.join(output, '.millrace');
  for (const name of readdirSync(state)) {
    if (name !== 'job.json' && name !== 'checkpoints') problems.push(`.millrace/${name} was left behind`);
  }
  const checkpoints = path.join(state, 'checkpoints');
  const folders = readdirSync(checkpoints).filter((name) => name !== 'commits');
  const manifests = folders.filter(
    (name) => name.startsWith('chk-') && readdirSync(path.join(checkpoints, name)).includes('manifest'),
  );
  for (const name of folders) if (!name.startsWith('chk-')) problems.push(`checkpoints/${name} was left behind`);
  const commits = readdirSync(path.join(checkpoints, 'commits'));
  if (manifests.length > RETAINED || commits.length > RETAINED) {
    problems.push(`${manifests.length} checkpoints and ${commits.length} commits were left behind`);
  }
  return problems;
}
