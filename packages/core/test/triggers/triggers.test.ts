import { describe, expect, it } from 'vitest';
import {
  boundedOutOfOrderness,
  continuousEventTimeTrigger,
  count,
  countEvictor,
  countTrigger,
  customWindow,
  dataflow,
  deltaTrigger,
  early,
  globalWindow,
  late,
  memory,
  memorySink,
  neverTrigger,
  processingTimeoutTrigger,
  purgingTrigger,
  session,
  sessionProcessingTime,
  sliding,
  timeEvictor,
  tumbling,
  type DataStream,
  type Trigger,
  type WindowedStream,
} from '../../src/index.ts';
import { operatorHarness } from '../../src/testing.ts';

type Row = readonly [end: number, n: number];

/** Counts per window of numbers that are their own timestamps; what comes out is `[end of window, count]`. */
function counts(cut: (input: DataStream<number, true>) => WindowedStream<null, number>) {
  return operatorHarness((input: DataStream<number, true>) =>
    cut(input).aggregate({ n: count() }, ({ window, value }): Row => [window.end, value.n]),
  );
}

async function played(
  cut: (input: DataStream<number, true>) => WindowedStream<null, number>,
  steps: readonly (number | { readonly watermark: number } | { readonly clock: number })[],
): Promise<Row[]> {
  const harness = await counts(cut);
  for (const step of steps) {
    if (typeof step === 'number') harness.push(step, step);
    else if ('watermark' in step) harness.watermark(step.watermark);
    else harness.processingTime(step.clock);
  }
  return harness.takeOutputs().flatMap((output) => ('record' in output && !('side' in output) ? [output.record] : []));
}

describe('early and late firings', () => {
  it('early: before the end when the trigger says so, and at the end', async () => {
    const rows = await played(
      (s) => s.windowAll(tumbling(10)).trigger(early(countTrigger(2))),
      [1, 2, 3, { watermark: 9 }],
    );
    expect(rows).toEqual([
      [10, 2],
      [10, 3],
    ]);
  });

  it('late: on time as always, then when the trigger says so instead of with every record', async () => {
    const windows = (s: DataStream<number, true>) =>
      s
        .windowAll(tumbling(10))
        .allowedLateness(50)
        .trigger(late(countTrigger(2)));
    expect(await played(windows, [1, { watermark: 9 }, 2, 3, 4, 5])).toEqual([
      [10, 1],
      [10, 3],
      [10, 5],
    ]);
  });

  it('both: each on its side of the end', async () => {
    const trigger = late(countTrigger(2), early(countTrigger(3)) as Trigger<unknown, never>);
    const windows = (s: DataStream<number, true>) => s.windowAll(tumbling(10)).allowedLateness(50).trigger(trigger);
    expect(await played(windows, [1, 2, 3, 4, { watermark: 9 }, 5, 6])).toEqual([
      [10, 3],
      [10, 4],
      [10, 6],
    ]);
  });

  it('their counts add up when sessions merge (R12, R19)', async () => {
    const windows = (s: DataStream<number, true>) => s.windowAll(session(5)).trigger(early(countTrigger(3)));
    expect(await played(windows, [0, 9])).toEqual([]);
    expect(await played(windows, [0, 9, 5])).toEqual([[14, 3]]);
  });

  it('leave nothing behind', async () => {
    const harness = await counts((s) => s.windowAll(tumbling(10)).trigger(early(continuousEventTimeTrigger(3))));
    harness.push(1, 1);
    harness.watermark(Infinity);
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
  });
});

describe('R20: continuous firings', () => {
  it('on a global window the end of the stream fires once more, not for ever', async () => {
    const windows = (s: DataStream<number, true>) =>
      s.windowAll(globalWindow()).trigger(continuousEventTimeTrigger(10));
    expect(await played(windows, [1, { watermark: 10 }, 12, { watermark: Infinity }])).toEqual([
      [Infinity, 1],
      [Infinity, 2],
    ]);
  });
});

describe('R20: a record without timestamp, as windows of processing time take them', () => {
  it('plans no firing; one with a timestamp does', async () => {
    const harness = await counts((s) =>
      s.windowAll(sessionProcessingTime(100)).trigger(continuousEventTimeTrigger(10)),
    );
    const fired = (): unknown[] => harness.takeOutputs().flatMap((out) => ('record' in out ? [out.record] : []));
    harness.push(1, NaN);
    harness.watermark(20);
    expect(fired()).toEqual([]);
    harness.push(2, 21);
    harness.watermark(30);
    expect(fired()).toEqual([[100, 2]]);
    harness.watermark(99);
    expect(fired()).toContainEqual([100, 2]);
  });
});

describe('a trigger of one’s own', () => {
  /** Fires when the numbers of a window, merged ones included, add up to 10. */
  const sumOfTen: Trigger<number, number> = {
    describe: 'sumOfTen',
    onElement(value, _timestamp, _window, context) {
      context.state = (context.state ?? 0) + value;
      return context.state >= 10 ? 'fire' : 'continue';
    },
    onEventTime: () => 'continue',
    onProcessingTime: () => 'continue',
    onMerge: (_window, context) => void (context.state = context.merged.reduce((a, b) => a + b, 0)),
    clear: (_window, context) => void (context.state = undefined),
  };

  it('merges what it remembered', async () => {
    expect(await played((s) => s.windowAll(session(3)).trigger(sumOfTen), [1, 5, 3])).toEqual([]);
    expect(await played((s) => s.windowAll(session(3)).trigger(sumOfTen), [1, 5, 3, 4])).toEqual([[8, 4]]);
  });

  it('that throws is an error of the record, which names the operator', async () => {
    const failing: Trigger<number> = { ...sumOfTen, onElement: () => fail() };
    const harness = await counts((s) => s.windowAll(tumbling(10)).trigger(failing as Trigger<number>));
    expect(() => harness.push(1, 1)).toThrow(/trigger of 'input.window' failed.*in window \[0, 10\).*no such luck/);
  });
});

describe('R16: what cannot work is refused when planned, with the cure', () => {
  const flowOf = (cut: (input: DataStream<number, true>) => WindowedStream<null, number>) => {
    const flow = dataflow('refused');
    const input = flow.from('input', memory([1]), { watermarks: boundedOutOfOrderness(0, (n: number) => n) });
    cut(input)
      .aggregate({ n: count() }, ({ value }) => value.n)
      .to('out', memorySink<number>());
    return () => flow.explain();
  };

  it.each([
    ['deltaTrigger', deltaTrigger<number>({ threshold: 1, delta: (a, b) => b - a })],
    ['neverTrigger', neverTrigger()],
    ['processingTimeoutTrigger', processingTimeoutTrigger(countTrigger(1), '1s')],
    ['deltaTrigger', purgingTrigger(deltaTrigger<number>({ threshold: 1, delta: (a, b) => b - a }))],
  ] as const)('%s with windows that merge', (name, trigger) => {
    const planned = flowOf((s) => s.windowAll(session(5)).trigger(trigger as Trigger<number>));
    expect(planned).toThrow(`${name}(`);
    expect(planned).toThrow('cannot merge, and these windows do');
    expect(planned).toThrow('Use a trigger with onMerge');
  });
});

describe('options', () => {
  it.each([
    [() => countTrigger(0), 'n of countTrigger()'],
    [() => countTrigger(1.5), 'n of countTrigger()'],
    [() => countEvictor(-1), 'n of countEvictor()'],
    [() => timeEvictor(-1), 'keep of timeEvictor()'],
    [() => continuousEventTimeTrigger(0), 'interval of continuousEventTimeTrigger()'],
    [() => deltaTrigger({ threshold: NaN, delta: () => 0 }), 'threshold of deltaTrigger()'],
    [() => purgingTrigger(undefined as never), 'purgingTrigger(of)'],
    [() => sliding(10, 0), 'slide of sliding()'],
    [() => sliding(10, 5, { offset: 5 }), 'offset of sliding()'],
    [() => session(0), 'gap of session()'],
    [() => globalWindow({ firesAt: 'noon' as never }), 'firesAt of globalWindow()'],
    [() => customWindow({ name: '', time: 'event', assign: () => [] }), 'name of customWindow()'],
    [() => customWindow({ name: 'x', time: 'noon' as never, assign: () => [] }), "time of customWindow('x')"],
    [() => customWindow({ name: 'x', time: 'event', assign: undefined as never }), "assign of customWindow('x')"],
  ])('%s names what is wrong', (make, name) => {
    expect(make).toThrow(name);
  });

  it('countWindow names its own options', () => {
    const keyed = dataflow('counts')
      .from('input', memory([1]))
      .keyBy((n) => n);
    expect(() => keyed.countWindow(0)).toThrow('size of countWindow()');
    expect(() => keyed.countWindow(2, 0.5)).toThrow('slide of countWindow()');
  });

  it('a window of one’s own must give windows', () => {
    const windows = customWindow<number, 'event'>({ name: 'odd', time: 'event', assign: () => [{ start: 5, end: 5 }] });
    expect(() => windows.assign(1, 1, 0)).toThrow("customWindow('odd') assigned");
  });
});

function fail(): never {
  throw new Error('no such luck');
}
