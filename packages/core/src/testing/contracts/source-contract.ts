import type { Position, Source } from '../../model/index.ts';
import { requireSame, requireThat, type ContractCase } from './contract-case.ts';
import { FULL_BATCH, SourceProbe, type ReadResult } from './source-probe.ts';

/** A source to be checked, and what is known of it. */
export interface SourceUnderTest {
  readonly source: Source<unknown>;
  /** The records of each partition, in order, without rejected ones. Default: what reading it first gives. */
  readonly expected?: readonly (readonly unknown[])[];
  /** How many records each partition rejects. Default: not checked. */
  readonly rejected?: readonly number[];
  /** Sources without end: how many records of each partition are read. */
  readonly records?: number;
  /** Called after each case. */
  dispose?(): void | Promise<void>;
}

/** Boundaries tried per partition: each costs reading the rest of the input. */
const BOUNDARIES_MAX = 16;
const BATCHES = [1, 2, 7, 100, FULL_BATCH];

/**
 * The protocol of `Source` and `SourceReader` as cases for any test framework. Time is virtual, I/O is real.
 *
 * @param make makes the source afresh for each case; the same one every time
 * @example
 * for (const { name, run } of sourceContract(() => ({ source: memory([1, 2, 3]), expected: [[1, 2, 3]] }))) test(name, run);
 */
export function sourceContract(make: () => SourceUnderTest | Promise<SourceUnderTest>): readonly ContractCase[] {
  return CASES.map(([name, check]) => ({
    name,
    async run(): Promise<void> {
      const made = await make();
      requireThat(made.source.bounded || made.records !== undefined, 'for a source without end `records` is given');
      try {
        await check({ ...made, limit: made.records ?? Infinity });
      } finally {
        await made.dispose?.();
      }
    },
  }));
}

type Subject = SourceUnderTest & { readonly limit: number };

const CASES: readonly (readonly [name: string, check: (subject: Subject) => Promise<void>])[] = [
  ['gives the expected records, each partition in order', givesExpected],
  ['gives the same records whatever the batch size', sameAtAnyBatchSize],
  ['goes on exactly at every batch boundary, nothing lost, nothing twice', resumesAtBoundaries],
  ['goes on in all partitions at once', resumesEverywhere],
  ['restored at its end it ends without a record', endsAtItsEnd],
  ['gives partitions polled in turn the same as one after the other', interleaves],
  ['gives independent readers', independentReaders],
  ['names its partitions the same every time, each differently', stablePartitions],
  ['counts positions upwards', positionsAscend],
  ['ends if and only if it is bounded', endsIfBounded],
  ['can be closed before, while and after it is read', closesAnytime],
];

async function givesExpected({ source, expected, rejected, limit }: Subject): Promise<void> {
  const results = await SourceProbe.read(source, limit);
  const values = results.map(({ items }) => items.flatMap((item) => ('value' in item ? [item.value] : [])));
  if (expected !== undefined) {
    requireSame(values.length, expected.length, 'number of partitions');
    values.forEach((of, p) => requireSame(of.length, expected[p]?.length, `number of records of partition ${p}`));
    requireSame(values, expected, 'the records');
  }
  if (rejected !== undefined) {
    const counts = results.map(({ items }) => items.filter((item) => 'rejected' in item).length);
    requireSame(counts, rejected, 'number of rejected records of each partition');
  }
}

async function sameAtAnyBatchSize({ source, limit }: Subject): Promise<void> {
  const [first, ...others] = await Promise.all(BATCHES.map((max) => SourceProbe.read(source, limit, { max })));
  others.forEach((results, i) => requireItems(results, first as Results, `in batches of ${BATCHES[i + 1]}`));
}

async function resumesAtBoundaries({ source, limit }: Subject): Promise<void> {
  for (const max of [1, 3, FULL_BATCH]) {
    const whole = await SourceProbe.read(source, limit, { max });
    const ids = await partitionIds(source);
    for (const [p, result] of whole.entries()) {
      for (const { items, next } of sampled(result.boundaries)) {
        const positions = new Map<string, Position>([[ids[p] as string, next]]);
        const limits = whole.map((_, i) => limit - (i === p ? items : 0));
        const rest = await SourceProbe.read(source, limits, { positions });
        const expected = whole.map((of, i) => ({ items: i === p ? of.items.slice(items) : of.items }));
        requireItems(rest, expected, `after ${items} records of partition ${p} in batches of ${max}`);
      }
    }
  }
}

async function resumesEverywhere({ source, limit }: Subject): Promise<void> {
  const whole = await SourceProbe.read(source, limit, { max: 5 });
  const ids = await partitionIds(source);
  const middles = whole.map(({ boundaries }) => boundaries[Math.floor(boundaries.length / 2)]);
  const positions = new Map<string, Position>();
  middles.forEach((middle, p) => middle !== undefined && positions.set(ids[p] as string, middle.next));
  const limits = middles.map((middle) => limit - (middle?.items ?? 0));
  const rest = await SourceProbe.read(source, limits, { positions });
  const expected = whole.map((of, p) => ({ items: of.items.slice(middles[p]?.items ?? 0) }));
  requireItems(rest, expected, 'from the middle of all partitions');
}

async function endsAtItsEnd({ source, limit }: Subject): Promise<void> {
  if (!source.bounded) return;
  const whole = await SourceProbe.read(source, limit);
  const ids = await partitionIds(source);
  const positions = new Map<string, Position>();
  whole.forEach(({ boundaries }, p) => {
    const last = boundaries.at(-1);
    if (last !== undefined) positions.set(ids[p] as string, last.next);
  });
  const rest = await SourceProbe.read(source, limit, { positions });
  requireItems(
    rest,
    whole.map(() => ({ items: [] })),
    'restored at its end',
  );
}

async function interleaves({ source, limit }: Subject): Promise<void> {
  const expected = await SourceProbe.read(source, limit);
  const probe = await SourceProbe.open(source, limit);
  for (let more = true; more;) {
    more = false;
    for (let p = 0; p < probe.results.length; p++) if (await probe.readBatch(p, p + 1)) more = true;
  }
  await probe.reader.close();
  requireItems(probe.results, expected, 'polled in turn');
}

async function independentReaders({ source, limit }: Subject): Promise<void> {
  const expected = await SourceProbe.read(source, limit);
  const probes = [await SourceProbe.open(source, limit), await SourceProbe.open(source, limit)];
  for (let p = 0; p < expected.length; p++) {
    for (let more = true; more;) {
      more = false;
      for (const [i, probe] of probes.entries()) if (await probe.readBatch(p, 2 + i)) more = true;
    }
  }
  for (const probe of probes) await probe.reader.close();
  for (const probe of probes) requireItems(probe.results, expected, 'read by two readers at once');
}

async function stablePartitions({ source }: Subject): Promise<void> {
  const ids = await partitionIds(source);
  requireThat(ids.length > 0, 'a source has at least one partition');
  requireSame(new Set(ids).size, ids.length, 'number of different partition ids');
  requireSame(await partitionIds(source), ids, 'partition ids of a second reader');
}

async function positionsAscend({ source, limit }: Subject): Promise<void> {
  for (const { items } of await SourceProbe.read(source, limit, { max: 3 })) {
    const last = new Map<string | undefined, number>();
    for (const item of items) {
      const [part, at] = 'value' in item ? [item.part, item.at] : [item.rejected.partition, item.rejected.position];
      const before = last.get(part) ?? -1;
      requireThat(at > before, `position ${at} follows ${before}: positions ascend`);
      last.set(part, at);
    }
  }
}

async function endsIfBounded({ source, limit }: Subject): Promise<void> {
  for (const { ended } of await SourceProbe.read(source, limit)) {
    requireSame(ended, source.bounded, `whether a ${source.bounded ? 'bounded' : 'live'} partition ended`);
  }
}

async function closesAnytime({ source, limit }: Subject): Promise<void> {
  const untouched = await SourceProbe.open(source, limit);
  await untouched.reader.close();
  const begun = await SourceProbe.open(source, limit);
  begun.reader.poll(0, 1);
  await begun.reader.close();
  const halfway = await SourceProbe.open(source, limit);
  await halfway.readBatch(0, 1);
  await halfway.reader.close();
}

type Items = Pick<ReadResult, 'items'>;
type Results = readonly Items[];

function requireItems(actual: Results, expected: Results, how: string): void {
  expected.forEach(({ items }, p) => {
    const seen = (actual[p] as Items).items;
    requireSame(seen.length, items.length, `number of records of partition ${p} ${how}`);
    items.forEach((item, i) => requireSame(seen[i], item, `record ${i} of partition ${p} ${how}`));
  });
}

async function partitionIds(source: Source<unknown>): Promise<readonly string[]> {
  const probe = await SourceProbe.open(source, 0);
  await probe.reader.close();
  return probe.reader.partitions.map(({ id }) => id);
}

function sampled<T>(all: readonly T[]): readonly T[] {
  const step = Math.max(1, (all.length - 1) / (BOUNDARIES_MAX - 1));
  const picked: T[] = [];
  for (let i = 0; i < Math.min(all.length, BOUNDARIES_MAX); i++) picked.push(all[Math.round(i * step)] as T);
  return picked;
}
