import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  count,
  dataflow,
  deadLetter,
  memory,
  memoryCheckpoints,
  memorySink,
  session,
  silentLogger,
  tumbling,
  type Dataflow,
  type DeadLetter,
  type DataStream,
  type RunOptions,
} from '../../src/index.ts';

const numbers = [1, 2, 3, 4];
const fail = (n: number): number => {
  if (n === 3) throw new RangeError('three is too much');
  return n * 10;
};

async function outcome(flow: Dataflow, options: RunOptions = {}): Promise<unknown> {
  const handle = await flow.run({ logger: silentLogger, ...options });
  return handle.done.then(
    () => handle.metrics(),
    (error: unknown) => error,
  );
}

function flowOf<R>(build: (stream: DataStream<number, true>) => DataStream<R, true>): {
  flow: Dataflow;
  rows: readonly R[];
} {
  const flow = dataflow('f');
  const out = memorySink<R>();
  build(flow.from('numbers', memory(numbers), { watermarks: ascendingTimestamps((n) => n) })).to('out', out);
  return { flow, rows: out.rows };
}

describe('functions of the program that throw', () => {
  it.each([
    ['map', 'map function', (s: DataStream<number, true>) => s.map(fail)],
    ['filter', 'filter function', (s: DataStream<number, true>) => s.filter((n) => fail(n) > 0)],
    ['flatMap', 'flatMap function', (s: DataStream<number, true>) => s.flatMap((n) => [fail(n)])],
    ['split', 'split function', (s: DataStream<number, true>) => s.split((n) => fail(n) > 0)[0]],
    [
      'keyBy',
      'key selector or aggregate',
      (s: DataStream<number, true>) => s.keyBy(fail).window(tumbling(100)).aggregate({ n: count() }),
    ],
  ])('%s: the error names operator, partition and position, and keeps the cause', async (_name, what, build) => {
    const { flow } = flowOf(build as (stream: DataStream<number, true>) => DataStream<unknown, true>);
    expect(await outcome(flow)).toMatchObject({
      code: 'USER_FUNCTION',
      message: expect.stringContaining(`${what} of 'numbers.`),
      fields: { source: 'numbers', partition: '0', position: 2 },
      cause: expect.any(RangeError) as RangeError,
    });
  });

  it('with onError: deadLetter(sink) the record goes there with its origin and the job goes on', async () => {
    const letters = memorySink<DeadLetter>();
    const { flow, rows } = flowOf((s) => s.map(fail).named('tens'));
    const metrics = await outcome(flow, { onError: deadLetter(letters) });
    expect(rows).toEqual([10, 20, 40]);
    expect(letters.rows).toEqual([
      {
        source: 'numbers',
        partition: '0',
        position: 2,
        operator: 'tens',
        code: 'USER_FUNCTION',
        message: 'three is too much',
        time: 2,
        raw: '3',
      },
    ]);
    expect(metrics).toMatchObject({
      operators: [{ name: 'numbers' }, { name: 'tens', in: 4, out: 3, deadLettered: 1, missing: 0 }, {}],
    });
  });

  it('an iterator that throws in the middle dead-letters its record; what it gave before stays', async () => {
    const letters = memorySink<DeadLetter>();
    const { flow, rows } = flowOf((s) =>
      s.flatMap(function* (n) {
        yield n;
        yield fail(n);
      }),
    );
    await outcome(flow, { onError: deadLetter(letters) });
    expect(rows).toEqual([1, 10, 2, 20, 3, 4, 40]);
    expect(letters.rows).toMatchObject([{ position: 2, operator: 'numbers.flatMap' }]);
  });

  it('a window result that throws fails the job: dropping it would lose all records of the window', async () => {
    const { flow } = flowOf((s) =>
      s
        .keyBy((n) => n)
        .window(tumbling(100))
        .aggregate({ n: count() }, (r) => fail(r.key)),
    );
    expect(await outcome(flow)).toMatchObject({
      message: "window result of 'numbers.keyBy.window' failed for key 3 in window [0, 100): three is too much",
      fields: { key: 3, window: { start: 0, end: 100 } },
    });
  });

  it('a window that cannot be fired goes to the dead letters with what it held; all others are fired', async () => {
    for (const windows of [tumbling(100), session(100)]) {
      const letters = memorySink<DeadLetter>();
      const { flow, rows } = flowOf((s) =>
        s
          .keyBy((n) => n)
          .window(windows)
          .aggregate({ n: count() }, (r) => fail(r.key)),
      );
      await outcome(flow, { onError: deadLetter(letters) });
      expect([...rows].sort()).toEqual([10, 20, 40]);
      expect(letters.rows).toMatchObject([
        {
          operator: 'numbers.keyBy.window',
          key: '3',
          raw: '{"n":1}',
          code: 'USER_FUNCTION',
          position: -1,
          window: { start: expect.any(Number) as number },
        },
      ]);
    }
  });

  it('flatMap that returns no iterable and a key that is a Set are errors with the cure', async () => {
    const noIterable = flowOf((s) => s.flatMap((n) => n as never));
    expect(await outcome(noIterable.flow)).toMatchObject({
      message: expect.stringContaining('must return an array or another iterable'),
    });
    const objectKey = flowOf((s) =>
      s
        .keyBy((n) => new Set([n]) as never)
        .window(tumbling(1))
        .aggregate({ n: count() }),
    );
    expect(await outcome(objectKey.flow)).toMatchObject({
      message: expect.stringContaining('the key is an instance of Set, which cannot be compared by value'),
    });
  });

  it('options of checkpoints are checked, and refused without checkpoints', async () => {
    const { flow } = flowOf((s) => s);
    await expect(flow.run({ checkpoints: {} as never })).rejects.toThrow('a storage such as directory(');
    await expect(flow.run({ guarantee: 'at-least-once' })).rejects.toThrow(
      'guarantee of flow.run() means nothing without',
    );
    const checkpoints = memoryCheckpoints();
    await expect(flow.run({ checkpoints, guarantee: 'twice' as never })).rejects.toThrow("must be 'exactly-once' or");
    await expect(flow.run({ checkpoints, commitInterval: 0 })).rejects.toThrow('commitInterval');
    await expect(flow.run({ checkpoints, restoreFrom: 7 })).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' });
  });
});
