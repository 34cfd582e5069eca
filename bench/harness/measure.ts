import type { Bar, Figures } from './model.ts';

/** One way to do the work of a case. Its result must equal that of all others. */
export interface Contender {
  readonly name: string;
  readonly run: () => string | Promise<string>;
}

/** Times of all contenders, round by round. */
export interface Measured {
  /** By the wall clock. */
  readonly timesMs: ReadonlyMap<string, readonly number[]>;
  /** CPU time of the whole process, threads of the collector and the compiler included. */
  readonly cpuMs: ReadonlyMap<string, readonly number[]>;
  readonly wrong: readonly string[];
}

/** Unmeasured rounds before the measured ones, for the compiler. */
const WARM_ROUNDS = 2;

/**
 * Runs the contenders by turns: a slow minute of the machine then hits all of them. Every second round goes backwards,
 * so that nobody always runs behind the same one.
 */
export async function alternate(
  contenders: readonly Contender[],
  rounds: number,
  warmRounds = WARM_ROUNDS,
): Promise<Measured> {
  const timesMs = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const cpuMs = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const wrong = new Set<string>();
  let expected: string | undefined;
  for (let round = -warmRounds; round < rounds; round++) {
    for (const { name, run } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      globalThis.gc?.();
      const started = performance.now();
      const cpu = process.cpuUsage();
      const result = await run();
      const { user, system } = process.cpuUsage(cpu);
      if (round >= 0) {
        timesMs.get(name)?.push(performance.now() - started);
        cpuMs.get(name)?.push((user + system) / 1_000);
      }
      expected ??= result;
      if (result !== expected) wrong.add(`${name}: ${result}, others: ${expected}`);
    }
  }
  return { timesMs, cpuMs, wrong: [...wrong] };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}

/** Median over the rounds of `a / b` of the same round, by the wall clock: what a round has in common cancels out. */
export function timeRatio({ timesMs }: Pick<Measured, 'timesMs'>, a: string, b: string): number {
  return ratioOf(timesMs, a, b);
}

/** The same by CPU time, which other programs on the machine disturb less. */
export function cpuRatio({ cpuMs }: Measured, a: string, b: string): number {
  return ratioOf(cpuMs, a, b);
}

function ratioOf(times: ReadonlyMap<string, readonly number[]>, a: string, b: string): number {
  const [left, right] = [times.get(a) ?? [], times.get(b) ?? []];
  return median(left.map((ms, round) => ms / (right[round] ?? NaN)));
}

export function figuresOf({ timesMs }: Pick<Measured, 'timesMs'>, records: number): Figures[] {
  return [...timesMs].map(([contender, times]) => {
    const medianMs = median(times);
    return { contender, medianMs, recordsPerSecond: (records / medianMs) * 1_000 };
  });
}

/** Holds our speed against another contender's, per CPU second; the wall clock's ratio goes into a note. */
export function speedBar(measured: Measured, ours: string, other: string, limit: number): { bar: Bar; note: string } {
  const what = `speed per core against ${other}`;
  const wall = timeRatio(measured, other, ours).toFixed(2);
  return { bar: atLeast(what, cpuRatio(measured, other, ours), limit), note: `${what}, by the wall clock: ${wall}` };
}

export function atLeast(what: string, value: number, limit: number): Bar {
  return { what, value, bar: `>= ${limit}`, met: value >= limit };
}

export function atMost(what: string, value: number, limit: number): Bar {
  return { what, value, bar: `<= ${limit}`, met: value <= limit };
}
