import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  count,
  dataflow,
  max,
  memory,
  memorySink,
  tumbling,
  type Aggregate,
} from '../../src/index.ts';

interface Row {
  readonly name: string;
  readonly t: number;
}

const names: Aggregate<Row, string[], string> = {
  create: () => [],
  add: (list, row) => [...list, row.name],
  merge: (a, b) => [...a, ...b],
  result: (list) => list.join(','),
};

async function windows<R>(
  build: (flow: ReturnType<typeof source>) => void,
  out: { rows: readonly R[] },
): Promise<readonly R[]> {
  const flow = dataflow('f');
  build(source(flow));
  await (
    await flow.run()
  ).done;
  return out.rows;
}

function source(flow: ReturnType<typeof dataflow>) {
  const rows: Row[] = [...'abcdefg'].map((name, i) => ({ name, t: i }));
  return flow.from('rows', memory(rows), { watermarks: ascendingTimestamps((r) => r.t) });
}

describe('aggregate({...})', () => {
  it('custom and built-in aggregates share one row of state and give one result, in the order of the spec', async () => {
    const out = memorySink<unknown>();
    const rows = await windows(
      (s) =>
        s
          .keyBy((r) => r.t % 2)
          .window(tumbling(4))
          .aggregate({ names, n: count(), last: max((r) => r.t), again: names }, (r) => [
            r.key,
            r.window.start,
            r.value,
          ])
          .to('out', out),
      out,
    );
    expect(rows).toEqual([
      [0, 0, { names: 'a,c', n: 2, last: 2, again: 'a,c' }],
      [1, 0, { names: 'b,d', n: 2, last: 3, again: 'b,d' }],
      [0, 4, { names: 'e,g', n: 2, last: 6, again: 'e,g' }],
      [1, 4, { names: 'f', n: 1, last: 5, again: 'f' }],
    ]);
  });

  it('reduce makes one value of all, also where the first is undefined', async () => {
    const out = memorySink<unknown>();
    await windows(
      (s) =>
        s
          .windowAll(tumbling(100))
          .reduce((a, b) => (a.t > b.t ? a : b))
          .to('out', out),
      out,
    );
    expect(out.rows).toEqual([{ key: null, window: { start: 0, end: 100 }, value: { name: 'g', t: 6 } }]);
    const maybe = memorySink<unknown>();
    await windows(
      (s) =>
        s
          .map((r): number | undefined => (r.t === 0 ? undefined : r.t))
          .windowAll(tumbling(3))
          .reduce(
            (a, b) => (a ?? 0) + (b ?? 0),
            (r) => r.value,
          )
          .to('m', maybe),
      maybe,
    );
    expect(maybe.rows).toEqual([3, 12, 6]);
  });

  it('an empty spec and something that is no aggregate are refused where they are given', () => {
    const keyed = source(dataflow('f')).windowAll(tumbling(1));
    expect(() => keyed.aggregate({})).toThrow('at least one aggregate');
    expect(() => keyed.aggregate({ n: 5 } as never)).toThrow("aggregate 'n' is 5");
  });
});
