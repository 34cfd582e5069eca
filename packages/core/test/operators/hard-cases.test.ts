import { expect, it } from 'vitest';
import {
  count,
  countEvictor,
  countTrigger,
  deadLetter,
  globalWindow,
  memorySink,
  MillraceError,
  session,
  sum,
  timeEvictor,
  tumbling,
  typed,
  type DataStream,
  type DeadLetter,
  type Trigger,
} from '../../src/index.ts';
import { operatorHarness, type HarnessOutput } from '../../src/testing.ts';

interface Item {
  readonly k?: string;
  readonly bad?: boolean;
}
type Items = DataStream<Item, true>;

const records = (outputs: readonly HarnessOutput<unknown>[]): unknown[] =>
  outputs.flatMap((output) => ('record' in output ? [output.record] : []));

const boom = (item: Item): number => {
  if (item.bad === true) throw new Error('boom');
  return 1;
};

it('a record that its aggregate refuses merges no sessions and leaves nothing behind', async () => {
  const letters = memorySink<DeadLetter>();
  for (const windows of [session(10), session<Item>(() => 10)]) {
    const harness = await operatorHarness((items: Items) => items.windowAll(windows).aggregate({ n: sum(boom) }), {
      onError: deadLetter(letters),
    });
    harness.push({}, 0);
    harness.push({}, 20);
    harness.push({ bad: true }, 10);
    harness.watermark(1_000);
    expect(records(harness.takeOutputs())).toMatchObject([
      { window: { start: 0, end: 10 }, value: { n: 1 } },
      { window: { start: 20, end: 30 }, value: { n: 1 } },
    ]);
    expect(harness.stateSize().entries).toBe(0);
  }
  expect(letters.rows).toHaveLength(2);
});

it('results of global windows, which stand at the end of time, are deduplicated and not evicted', async () => {
  const once = await operatorHarness((items: Items) =>
    items
      .keyBy(() => 'a')
      .countWindow(1)
      .aggregate({ n: count() }, ({ key }) => key)
      .keyBy((key) => key)
      .dedupe({ by: (key) => key }),
  );
  for (let time = 0; time < 4; time++) once.push({}, time);
  expect(records(once.takeOutputs())).toEqual(['a']);
  const both = await operatorHarness((items: Items) =>
    items
      .keyBy(() => 'a')
      .countWindow(1)
      .aggregate({ n: count() })
      .windowAll(globalWindow())
      .trigger(countTrigger(2))
      .evictor(timeEvictor('1m'))
      .aggregate({ n: count() }, ({ value }) => value.n),
  );
  both.push({}, 1);
  both.push({}, 2);
  expect(records(both.takeOutputs())).toEqual([2]);
});

it('sessions of very many records merge', async () => {
  const harness = await operatorHarness((items: Items) =>
    items.windowAll(session(10)).process({ emits: typed<number>(), process: (all, ctx) => ctx.emit(all.length) }),
  );
  harness.push({}, 0);
  for (let i = 0; i < 150_000; i++) harness.push({}, 20);
  harness.push({}, 10);
  harness.watermark(1_000);
  expect(records(harness.takeOutputs())).toEqual([150_002]);
});

it('window functions and timers that are async are refused as process functions are', async () => {
  const later = Promise.resolve();
  const window = await operatorHarness((items: Items) =>
    items.windowAll(tumbling(10)).process({ emits: typed<number>(), process: () => later as never }),
  );
  window.push({}, 0);
  expect(() => window.watermark(1_000)).toThrow('window functions cannot be async');
});

it('an aggregate or evictor that throws in an evicting window is an error of the program, with its window', async () => {
  const harness = await operatorHarness((items: Items) =>
    items
      .windowAll(tumbling(10))
      .evictor(countEvictor(5))
      .aggregate({ n: sum(boom) }),
  );
  harness.push({ bad: true }, 3);
  expect(() => harness.watermark(1_000)).toThrow(/evictor or aggregate of .* in window \[0, 10\): boom/);
  try {
    harness.watermark(2_000);
  } catch (error) {
    expect(error).toBeInstanceOf(MillraceError);
  }
});

it('a trigger that gives an unknown result or registers no time is told so', async () => {
  const trigger = (onElement: () => unknown, first: number): Trigger<Item> => ({
    describe: 'odd',
    onElement: (_value, _time, _window, context) => {
      if (Number.isNaN(first)) context.registerEventTimer(first);
      return onElement() as 'continue';
    },
    onEventTime: () => 'fire',
    onProcessingTime: () => 'continue',
    clear: () => undefined,
  });
  const of = (odd: Trigger<Item>) =>
    operatorHarness((items: Items) => items.windowAll(tumbling(10)).trigger(odd).aggregate({ n: count() }));
  const loud = await of(trigger(() => 'FIRE', 1));
  expect(() => loud.push({}, 0)).toThrow(
    "it returned FIRE, but must return 'continue', 'fire', 'purge' or 'fireAndPurge'",
  );
  const timeless = await of(trigger(() => 'continue', NaN));
  expect(() => timeless.push({}, 0)).toThrow('registerEventTimer(NaN): the time must be epoch milliseconds');
});

it('a state that is no descriptor, and options that are null, are wrong options', async () => {
  const wrong = operatorHarness((items: Items) =>
    items.keyBy(() => 'a').process({ state: { n: 5 as never }, emits: typed<number>(), onRecord: () => undefined }),
  );
  await expect(wrong).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  expect(() => countEvictor(1, null as never)).toThrow('options of countEvictor(1) is null');
});
