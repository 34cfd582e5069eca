import { dataflow, typed, valueState } from 'millrace';
import { kafka, type OutgoingRecord, type TopicOptions } from '../../src/index.ts';

/** What goes in: `i` counts over all partitions. */
export interface Item {
  readonly i: number;
  readonly p: number;
}

/** What comes out: each item once, with its number among those of its partition. */
export interface Counted extends Item {
  readonly n: number;
}

export const PARTITIONS = 3;

/** How a counted job is run. */
export interface CountedJob {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  /** `end`: reads what there is. Default: for ever. */
  readonly until?: 'end';
  /** Records a second. Default: as many as there are. */
  readonly rate?: number;
}

const encoder = new TextEncoder();

/** Items `from` to `to`, exclusive, as they are written to the input. */
export function items(
  from: number,
  to: number,
): Pick<OutgoingRecord, 'partition' | 'key' | 'value' | 'timestamp' | 'headers'>[] {
  return Array.from({ length: to - from }, (_, k) => {
    const item: Item = { i: from + k, p: (from + k) % PARTITIONS };
    return { partition: item.p, key: null, value: encoder.encode(JSON.stringify(item)), timestamp: 1, headers: [] };
  });
}

/**
 * Copies items and counts them by partition. Whatever happens on the way there is one right output, whose `n` also shows a state
 * that was not rolled back with its positions.
 */
export function countedJob({ name, input, output, until, rate }: CountedJob) {
  const options: TopicOptions<Item> = until === undefined ? {} : { until };
  const flow = dataflow(name);
  flow
    .from('items', kafka.topic<Item>(input, options), {
      ...(rate === undefined ? {} : { rateLimit: { recordsPerSecond: rate } }),
    })
    .keyBy(({ p }) => p)
    .process({
      state: { seen: valueState<number>({ initial: () => 0 }) },
      emits: typed<Counted>(),
      onRecord({ i, p }, ctx) {
        const n = ctx.state.seen.get() + 1;
        ctx.state.seen.set(n);
        ctx.emit({ i, p, n });
      },
    })
    .to('counted', kafka.sink<Counted>(output, { key: ({ p }) => `p${p}` }));
  return flow;
}

/** How many records of an output are missing, there too often, or not what they should be; all 0 for exactly once. */
export interface Verdict {
  readonly lost: number;
  readonly duplicated: number;
  readonly wrong: number;
}

/** Compares what an independent reader found with the one right output for items 0 to `count`. */
export function judge(values: readonly string[], count: number): Verdict {
  const sequences = Array.from({ length: PARTITIONS }, (_, p) =>
    Array.from({ length: Math.ceil((count - p) / PARTITIONS) }, (_item, k) => p + k * PARTITIONS),
  );
  return compare(values, sequences);
}

/** The same for an input as it was read, each partition in order: whoever wrote it may have written an item twice. */
export function judgeFor(values: readonly string[], input: readonly string[]): Verdict {
  const sequences: number[][] = Array.from({ length: PARTITIONS }, () => []);
  for (const value of input) {
    const { i, p } = JSON.parse(value) as Item;
    sequences[p]?.push(i);
  }
  return compare(values, sequences);
}

/** The n-th item of a partition must be there once, with this n. */
function compare(values: readonly string[], sequences: readonly (readonly number[])[]): Verdict {
  const seen = sequences.map(({ length }) => new Uint8Array(length));
  let [duplicated, wrong] = [0, 0];
  for (const value of values) {
    // It is what the job wrote.
    const { i, p, n } = JSON.parse(value) as Counted;
    const marks = seen[p];
    if (marks === undefined || sequences[p]?.[n - 1] !== i) wrong++;
    else if (marks[n - 1] === 1) duplicated++;
    else marks[n - 1] = 1;
  }
  const lost = seen.reduce((sum, marks) => marks.reduce((left, mark) => left + 1 - mark, sum), 0);
  return { lost, duplicated, wrong };
}

export const EXACTLY_ONCE: Verdict = { lost: 0, duplicated: 0, wrong: 0 };
