/*
 * Equality of an answer and a recording, by the rules of `compare.mjs` beside the vectors (README.md, "Comparing"); that
 * file is a program and cannot be imported. With `restore: 'persisted'`, `valveFlush: 'always'`, `leftovers: 'zero'`.
 */
import type { Answer, Output, Step, VectorCase } from './case.ts';

/** What differs between an answer and the recording. */
export interface Difference {
  readonly step: number | string;
  readonly why: string;
  readonly script?: unknown;
  readonly want?: unknown;
  readonly got?: unknown;
}

interface Expected {
  readonly expect: readonly (readonly Output[])[];
  readonly counters: Readonly<Record<string, number>>;
  readonly leftovers: Readonly<Record<string, number>>;
}

/** A case with its recording. */
export interface RecordedCase extends VectorCase, Expected {
  readonly order: 'perKey' | 'none';
  readonly tsOrder?: boolean;
  readonly listOrder?: 'arrival' | 'multiset';
  readonly buildError?: string;
  readonly endsWithError?: boolean;
  readonly watermarkPersisted?: Expected;
  readonly afterFLINK40475?: Expected['expect'];
}

/** One spelling for times, fields in order, nothing undefined. */
function canonical(value: unknown): unknown {
  if (value === Infinity) return 'max';
  if (value === -Infinity) return 'min';
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, field]) => [name, canonical(field)]),
  );
}

function item(output: Output, recorded: RecordedCase): Output {
  // Objects stay objects.
  const shown = canonical(output) as Record<string, unknown>;
  if (shown['error'] !== undefined) return { error: true };
  const record = shown['record'] as Record<string, unknown> | undefined;
  if (recorded.listOrder !== 'multiset' || record === undefined) return shown;
  for (const [name, list] of Object.entries(record)) {
    if (Array.isArray(list) && name === 'values') record[name] = (list as number[]).toSorted((a, b) => a - b);
  }
  return shown;
}

const text = (value: unknown): string => JSON.stringify(value);
const isData = (output: Output): boolean => output['record'] !== undefined || output['late'] !== undefined;
const isWatermark = (output: Output): boolean => output['watermark'] !== undefined;

function groupOf(output: Output): string {
  const { record, late, side = '' } = output as { record?: { key?: unknown }; late?: { key?: unknown }; side?: string };
  if (record !== undefined) return `r/${side}/${String(record.key)}`;
  return late === undefined ? 'w' : `l/${side}/${String(late.key)}`;
}

function grouped(outputs: readonly Output[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const output of outputs) {
    const group = groups.get(groupOf(output)) ?? [];
    groups.set(groupOf(output), group);
    group.push(text(output));
  }
  return groups;
}

function expectation(recorded: RecordedCase): Expected {
  if (recorded.afterFLINK40475 !== undefined) return { ...recorded, expect: recorded.afterFLINK40475 };
  return recorded.watermarkPersisted ?? recorded;
}

/** What differs, or `null`. */
export function compareCase(recorded: RecordedCase, answer: Answer): Difference | null {
  if ('buildError' in answer) {
    if (recorded.buildError !== undefined) return null;
    return { step: -1, why: 'rejected when built', want: 'accepted', got: answer.buildError };
  }
  if (recorded.buildError !== undefined) {
    return { step: -1, why: 'must be rejected when built', want: recorded.buildError, got: 'accepted' };
  }
  const expected = expectation(recorded);
  for (let i = 0; i < expected.expect.length; i++) {
    const want = (expected.expect[i] ?? []).map((output) => item(output, recorded));
    const have = (answer.steps[i] ?? []).map((output) => item(output, recorded));
    const why = compareStep(recorded, recorded.script[i] as Step, want, have);
    if (why !== undefined) return { step: i, why, script: recorded.script[i], want, got: have };
  }
  return recorded.endsWithError === true ? null : compareEnd(expected, answer);
}

function compareStep(
  recorded: RecordedCase,
  step: Step,
  want: readonly Output[],
  have: readonly Output[],
): string | undefined {
  if (text(want.map(text).toSorted()) !== text(have.map(text).toSorted())) return 'other outputs';
  const control = (outputs: readonly Output[]): string => text(outputs.filter((output) => !isData(output)));
  if (control(want) !== control(have)) return 'order of watermarks and statuses';
  const dataAfterWatermark = (outputs: readonly Output[]): boolean =>
    outputs.some(isWatermark) && outputs.findLastIndex(isData) > outputs.findIndex(isWatermark);
  if (dataAfterWatermark(have) && !dataAfterWatermark(want)) return 'output after the watermark';
  if (recorded.order === 'perKey') {
    const groups = grouped(have);
    for (const [group, list] of grouped(want)) {
      if (text(list) !== text(groups.get(group))) return `order of the outputs of ${group}`;
    }
  }
  return recorded.tsOrder === true && step.watermark !== undefined && goesBack(have)
    ? 'timestamps go back within one advance'
    : undefined;
}

function goesBack(outputs: readonly Output[]): boolean {
  const times = outputs
    .filter((output) => output['record'] !== undefined && output['side'] === undefined)
    .map(({ ts }) => (ts === 'max' ? Infinity : ts === 'min' ? -Infinity : Number(ts)));
  return times.some((time, i) => i > 0 && time < (times[i - 1] as number));
}

function compareEnd(expected: Expected, answer: Exclude<Answer, { buildError: unknown }>): Difference | null {
  for (const [name, count] of Object.entries(expected.counters)) {
    const got = answer.counters[name] ?? 0;
    if (got !== count) return { step: 'end', why: `counter ${name}`, want: count, got };
  }
  // Where Flink has something left, how much is a matter of its layout.
  const left = Object.values(expected.leftovers);
  if (left.length === 0 || left.some((count) => count > 0)) return null;
  const [name, got] = Object.entries(answer.leftovers).find(([, count]) => count > 0) ?? [];
  return name === undefined ? null : { step: 'end', why: `leftover ${name}`, want: 0, got };
}
