import { expect, it } from 'vitest';
import {
  ascendingTimestamps,
  dataflow,
  memorySink,
  type PollResult,
  type Source,
  type SourceReader,
} from '../../src/index.ts';
import { pipelineDriver } from '../../src/testing.ts';

type Contents = Readonly<Record<string, readonly number[]>>;

/** A live source whose partitions are others each time that it is opened. */
function changing(contents: () => Contents, gone: () => readonly string[] | undefined): Source<number> {
  return {
    kind: 'changing',
    bounded: false,
    onError: 'fail',
    open({ positions }) {
      const partitions = Object.entries(contents()).map(([id, values]) => ({
        id,
        values,
        at: Number(positions.get(id) ?? 0),
      }));
      const lost = gone();
      const reader: SourceReader<number> = {
        partitions,
        ...(lost === undefined ? {} : { gone: lost }),
        poll(index): PollResult<number> {
          const partition = partitions[index];
          if (partition === undefined || partition.at >= partition.values.length) return 'pending';
          const from = partition.at;
          const to = partition.values.length;
          partition.at = to;
          const rest = { positions: undefined, timestamps: undefined, part: undefined, rejected: [] };
          return { values: partition.values, from, to, firstPosition: from, next: to, ...rest };
        },
        close: () => Promise.resolve(),
      };
      return Promise.resolve(reader);
    },
  };
}

/** Runs on `first`, takes a snapshot and goes on with `then`; where event time was, and is. */
async function watermarks(first: Contents, then: Contents, gone?: readonly string[]) {
  let contents = first;
  const flow = dataflow('changing');
  const source = changing(
    () => contents,
    () => (contents === first ? undefined : gone),
  );
  flow.from('numbers', source, { watermarks: ascendingTimestamps((n: number) => n) }).to('out', memorySink<number>());
  const driver = await pipelineDriver(flow);
  driver.runUntilWaiting();
  const before = driver.metrics().sources[0]?.watermark;
  const snapshot = await driver.snapshot();
  await driver.stop();
  contents = then;
  const second = await pipelineDriver(flow, { restore: snapshot });
  second.runUntilWaiting();
  const after = second.metrics().sources[0]?.watermark;
  const ids = (await second.snapshot()).sources[0]?.partitions.map(({ id }) => id);
  await second.stop();
  return { before, after, ids };
}

it('watermarks are those of the same partitions after a restart, in whatever order they come', async () => {
  const first = { p: [1_000], q: [5_000] };
  expect(await watermarks(first, { n: [2_000], p: [1_000, 3_000], q: [5_000] })).toMatchObject({
    before: 999,
    after: 1_999,
  });
});

it('a partition that the source says is gone holds nobody back and is forgotten; without its word the job is refused', async () => {
  const first = { p: [1_000], q: [5_000] };
  const then = { q: [5_000, 6_000] };
  expect(await watermarks(first, then, ['p'])).toEqual({ before: 999, after: 5_999, ids: ['q'] });
  await expect(watermarks(first, then)).rejects.toMatchObject({ code: 'STATE_MISMATCH', fields: { partition: 'p' } });
});
