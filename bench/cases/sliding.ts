import { count, sliding, sum, tumbling } from 'millrace';
import { heldBack, type Phases } from '../harness/held-back.ts';
import { atMost, median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { measurements, type Measurement } from '../harness/records.ts';
import type { WindowRow } from './tumbling-loop.ts';

/** Rounds of alternating pairs: the bars are medians of these. */
const ROUNDS = 7;

const rowNumber = ({ key, window, value }: WindowRow<number>): number =>
  (key + 1) * (value.count * 7 + value.sum * 3) + (window.start % 1_009);

const AGGREGATES = { count: count(), sum: sum((m: Measurement<number>) => m.value) };

/** Windows under test by name; the first one is what the others are held against. */
const WINDOWS = {
  'tumbling 1 s': () => tumbling('1s'),
  'sliding 60 s / 1 s': () => sliding('60s', '1s'),
  'sliding 600 s / 1 s': () => sliding('600s', '1s'),
  'sliding 60,001 / 1,000 ms': () => sliding(60_001, 1_000),
  'sliding 10,000 / 3,333 ms': () => sliding(10_000, 3_333),
} as const;

type Name = keyof typeof WINDOWS;
const NAMES = Object.keys(WINDOWS) as Name[];

function run(input: readonly Measurement<number>[], name: Name): Promise<Phases> {
  return heldBack(
    input,
    (stream) =>
      stream
        .keyBy((m) => m.key)
        .window(WINDOWS[name]())
        .aggregate(AGGREGATES),
    rowNumber,
  );
}

/** Update cost per record while the watermark is held back; firing is a phase of its own. */
async function measure({ quick }: BenchOptions): Promise<CaseResult> {
  const input = measurements(quick ? 300_000 : 1_000_000, (n) => n);
  const phases = new Map<Name, Phases[]>(NAMES.map((name) => [name, []]));
  const wrong = new Set<string>();
  for (let round = -1; round < ROUNDS; round++) {
    for (const name of round % 2 === 0 ? NAMES : NAMES.toReversed()) {
      const one = await run(input, name);
      if (round >= 0) phases.get(name)?.push(one);
      if (one.digest !== (phases.get(name)?.[0]?.digest ?? one.digest))
        wrong.add(`${name}: results differ between runs`);
    }
  }
  const ratio = (a: Name, b: Name): number =>
    median((phases.get(a) ?? []).map((one, i) => one.updateMs / (phases.get(b)?.[i]?.updateMs ?? NaN)));
  const base = NAMES[0] as Name;
  const sixty: Name = 'sliding 60 s / 1 s';
  const against = NAMES.slice(1).map((name) =>
    atMost(`update cost of ${name} against ${base}`, ratio(name, base), 1.5),
  );
  const figures = NAMES.map((contender) => {
    const medianMs = median((phases.get(contender) ?? []).map((one) => one.updateMs));
    return { contender, medianMs, recordsPerSecond: (input.length / medianMs) * 1_000 };
  });
  return {
    name: 'sliding',
    figures,
    bars: [
      ...against,
      atMost(`update cost of sliding 600 s / 1 s against ${sixty}`, ratio('sliding 600 s / 1 s', sixty), 1.2),
    ],
    notes: NAMES.map((name) => firingNote(name, phases.get(name) ?? [])),
    wrong: [...wrong],
  };
}

function firingNote(name: Name, phases: readonly Phases[]): string {
  const perResult = median(phases.map(({ fireMs, results }) => (fireMs * 1_000) / results));
  return `firing of ${name}: ${perResult.toFixed(2)} us per result (${phases[0]?.results ?? 0} results)`;
}

export const slidingCase: BenchCase = {
  name: 'sliding',
  about: 'update cost of sliding windows against tumbling ones, 10k keys, watermark held back',
  run: measure,
};
