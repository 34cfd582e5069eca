import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  count,
  dataflow,
  deadLetter,
  memory,
  memoryCheckpoints,
  memorySink,
  MillraceError,
  session,
  silentLogger,
  tumbling,
  type Dataflow,
  type DeadLetter,
  type DataStream,
  type RunOptions,
  type Sink,
  type WindowedStream,
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

const counted = (windows: WindowedStream<number, number>) => windows.aggregate({ n: count() }, ({ key }) => key);

/** A sink that never takes a certain number. */
function refusing(refused: number): Sink<number> & { readonly rows: readonly number[] } {
  const rows: number[] = [];
  const nothing = () => Promise.resolve();
  const write = (n: number): void => {
    if (n === refused) throw new MillraceError('RECORD_REFUSED', { message: 'it will never be taken' });
    rows.push(n);
  };
  const writer = { buffered: 0, write, ready: () => true, flush: nothing, finish: nothing, abort: nothing };
  return { kind: 'refusing', rows, open: () => Promise.resolve(writer) };
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

  it.each([
    [
      'windows of slices',
      'f.window',
      (s: DataStream<number, true>) => counted(s.keyBy((n) => n).window(tumbling(100))),
    ],
    ['sessions', 'f.window', (s: DataStream<number, true>) => counted(s.keyBy((n) => n).window(session(100)))],
    [
      'window functions',
      'f.window',
      (s: DataStream<number, true>) =>
        s
          .keyBy((n) => n)
          .window(tumbling(100))
          .process<number>({ process: (values, ctx) => ctx.emit(values[0] as number) }),
    ],
  ])(
    'a result that the sink behind %s refuses goes to the dead letters with its window',
    async (_what, name, build) => {
      const letters = memorySink<DeadLetter>();
      const flow = dataflow('f');
      const out = refusing(3);
      build(flow.from('numbers', memory(numbers), { watermarks: ascendingTimestamps((n) => n) }))
        .named(name)
        .to('out', out);
      await outcome(flow, { onError: deadLetter(letters) });
      expect([...out.rows].sort()).toEqual([1, 2, 4]);
      const window = { start: expect.any(Number) as number, end: expect.any(Number) as number };
      expect(letters.rows).toMatchObject([
        { source: name, partition: '', position: -1, operator: 'out', code: 'RECORD_REFUSED', key: '3', window },
      ]);
      expect(letters.rows[0]?.raw).toMatch(/^(\{"n":1\}|\[3\])$/);
      // Without dead letters the error tells which window it was.
      const strict = dataflow('f');
      build(strict.from('numbers', memory(numbers), { watermarks: ascendingTimestamps((n) => n) })).to(
        'out',
        refusing(3),
      );
      expect(await outcome(strict)).toMatchObject({
        code: 'RECORD_REFUSED',
        fields: { operator: 'out', key: 3, window },
      });
    },
  );

  it('what a timer emits and the sink refuses goes to the dead letters as it is', async () => {
    const letters = memorySink<DeadLetter>();
    const out = refusing(3);
    const timed = dataflow('timed');
    timed
      .from('numbers', memory(numbers), { watermarks: ascendingTimestamps((n) => n) })
      .keyBy((n) => n)
      .process<number>({
        onRecord: (n, ctx) => ctx.registerEventTimer(n + 10),
        onEventTimer: (time, ctx) => ctx.emit(time - 10),
      })
      .to('out', out);
    await outcome(timed, { onError: deadLetter(letters) });
    expect([...out.rows].sort()).toEqual([1, 2, 4]);
    expect(letters.rows).toMatchObject([{ source: 'out', operator: 'out', position: -1, raw: '3' }]);
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
