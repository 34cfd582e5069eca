import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  avg,
  count,
  dataflow,
  deadLetter,
  memory,
  memorySink,
  silentLogger,
  sum,
  tumbling,
  type Aggregate,
  type Dataflow,
  type DeadLetter,
} from '../../src/index.ts';

interface Row {
  readonly t: number;
  readonly k: string;
  readonly v?: number;
}
const watermarks = ascendingTimestamps((r: Row) => r.t);
const rows: Row[] = [
  { t: 1, k: 'x', v: 5 },
  { t: 1, k: 'x' },
  { t: 1, k: 'only-bad' },
];

async function deadLettersOf(flow: Dataflow, fusion: 'auto' | 'off'): Promise<readonly DeadLetter[]> {
  const letters = memorySink<DeadLetter>();
  const handle = await flow.run({ fusion, logger: silentLogger, onError: deadLetter(letters) });
  await handle.done;
  for (const operator of handle.metrics().operators)
    expect([operator.name, operator.missing]).toEqual([operator.name, 0]);
  return letters.rows;
}

const picky: Aggregate<Row, number[], number> = {
  create: () => [],
  add(list, row) {
    if (row.v === undefined) throw new RangeError('no v');
    return [...list, row.v];
  },
  merge: (a, b) => [...a, ...b],
  result: (list) => list.length,
};

describe.each(['auto', 'off'] as const)('a record that fails (fusion %s)', (fusion) => {
  it('enters all aggregates of its row or none, and leaves no row behind', async () => {
    const out = memorySink<unknown>();
    const flow = dataflow('f');
    flow
      .from('rows', memory(rows), { watermarks })
      .keyBy((r) => r.k)
      .window(tumbling(1000))
      .aggregate({ n: count(), s: sum((r) => r.v as number), g: avg((r) => r.v as number) }, (r) => [r.key, r.value])
      .to('out', out);
    expect(await deadLettersOf(flow, fusion)).toHaveLength(2);
    expect(out.rows).toEqual([['x', { n: 1, s: 5, g: 5 }]]);
  });

  it('also with custom aggregates, before or behind the built-in ones', async () => {
    const out = memorySink<unknown>();
    const flow = dataflow('f');
    flow
      .from('rows', memory(rows), { watermarks })
      .keyBy((r) => r.k)
      .window(tumbling(1000))
      .aggregate({ first: picky, n: count(), s: sum((r) => r.v ?? 0), last: picky }, (r) => [r.key, r.value])
      .to('out', out);
    expect(await deadLettersOf(flow, fusion)).toHaveLength(2);
    expect(out.rows).toEqual([['x', { first: 1, n: 1, s: 5, last: 1 }]]);
  });

  it('in one branch reaches the other branches all the same', async () => {
    const [a, b] = [memorySink<number>(), memorySink<number>()];
    const flow = dataflow('f');
    const numbers = flow.from('n', memory([1, 2, 3]));
    numbers.map(failOn(2)).to('a', a);
    numbers.to('b', b);
    expect(await deadLettersOf(flow, fusion)).toMatchObject([{ position: 1, raw: '2' }]);
    expect([a.rows, b.rows]).toEqual([
      [1, 3],
      [1, 2, 3],
    ]);
  });

  it.each([
    ['an array', (n: number): Iterable<number> => [n, n + 1, n + 2, n + 3]],
    [
      'an iterator',
      function* (n: number): Iterable<number> {
        for (let i = 0; i < 4; i++) yield n + i;
      },
    ],
  ])('behind flatMap over %s does not take the other results with it', async (_what, expand) => {
    const out = memorySink<number>();
    const flow = dataflow('f');
    flow
      .from('n', memory([0, 10]))
      .flatMap(expand)
      .map(failOn(1))
      .to('out', out);
    expect(await deadLettersOf(flow, fusion)).toMatchObject([{ position: 0 }]);
    expect(out.rows).toEqual([0, 2, 3, 10, 11, 12, 13]);
  });

  it('moves event time all the same: what is late does not depend on what operators do with a record', async () => {
    const late = async (bad: boolean): Promise<number | undefined> => {
      const flow = dataflow('f');
      flow
        .from('n', memory([1, 1e6, 2]), { watermarks: ascendingTimestamps((n) => n) })
        .map(bad ? failOn(1e6) : (n) => n)
        .windowAll(tumbling(10))
        .aggregate({ n: count() })
        .to('out', memorySink());
      const handle = await flow.run({ fusion, logger: silentLogger, onError: deadLetter(memorySink()) });
      await handle.done;
      return handle.metrics().operators.find((operator) => operator.kind === 'window')?.late;
    };
    expect([await late(false), await late(true)]).toEqual([1, 1]);
  });
});

function failOn(bad: number): (n: number) => number {
  return (n) => {
    if (n === bad) throw new RangeError(`no ${bad}`);
    return n;
  };
}

describe('sinks that fail', () => {
  it('a finish that throws at once keeps no other sink from ending, and a full sink no job from being stopped', async () => {
    const events: string[] = [];
    const writer = (name: string, ready: boolean, finish: () => Promise<void>) => ({
      kind: name,
      open: () =>
        Promise.resolve({
          buffered: 0,
          write() {},
          ready: () => ready,
          flush: () => Promise.resolve(),
          finish,
          abort: () => Promise.resolve(void events.push(`${name} aborted`)),
        }),
    });
    const flow = dataflow('f');
    const numbers = flow.from('n', memory([1]));
    numbers.to(
      'a',
      writer('a', true, () => {
        throw new Error('a cannot finish');
      }),
    );
    numbers.to(
      'b',
      writer('b', true, () => Promise.resolve(void events.push('b finished'))),
    );
    await expect((await flow.run()).done).rejects.toThrow('a cannot finish');
    expect(events).toEqual(['b finished']);

    const stuck = dataflow('stuck');
    stuck.from('n', memory([1])).to(
      's',
      writer('s', false, () => Promise.resolve()),
    );
    const handle = await stuck.run();
    await handle.stop();
    expect(handle.status).toBe('stopped');
  });
});
