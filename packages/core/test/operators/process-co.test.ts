import { describe, expect, it } from 'vitest';
import { listState, typed, type DataStream, type ProcessContext } from '../../src/index.ts';
import { operatorHarness, type HarnessOptions } from '../../src/testing.ts';

interface Row {
  readonly key: string;
  readonly timer?: number;
}

const state = { seen: listState<string>() };
type Context = ProcessContext<string, typeof state, string>;

/** Remembers what came, by input; timers emit it with the watermark they see. */
const joined = (first: DataStream<Row, true>, second: DataStream<Row, true>) => {
  const record = (input: string) => (row: Row, ctx: Context & { readonly timestamp: number }) => {
    ctx.state.seen.add(`${input}@${ctx.timestamp}`);
    if (row.timer !== undefined) ctx.registerEventTimer(row.timer);
  };
  return first
    .keyBy((r) => r.key)
    .connect(second.keyBy((r) => r.key))
    .process({
      state,
      emits: typed<string>(),
      onRecord1: record('first'),
      onRecord2: record('second'),
      onEventTimer(time, ctx) {
        ctx.emit(`${ctx.key} e${time} @${ctx.watermark} ${ctx.state.seen.get().join(' ')}`);
        ctx.state.seen.clear();
      },
      onProcessingTimer: (time, ctx) => ctx.emit(`${ctx.key} p${time}`),
    });
};

const harnessOf = (options: HarnessOptions = {}) => operatorHarness(joined, options);

describe('process function of two inputs', () => {
  it('shares state and timers of a key between both inputs', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', timer: 10 }, 1, 0);
    harness.push({ key: 'a', timer: 10 }, 2, 1);
    harness.push({ key: 'b', timer: 8 }, 3, 1);
    harness.watermark(50, 0);
    expect(harness.takeOutputs()).toEqual([]);
    harness.watermark(20, 1);
    expect(harness.takeOutputs()).toEqual([
      { record: 'b e8 @20 second@3', timestamp: 8 },
      { record: 'a e10 @20 first@1 second@2', timestamp: 10 },
      { watermark: 20 },
    ]);
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
    harness.driver.assertConservation();
  });

  it('R29, R31: its watermark is the lower of the two, an idle input does not hold it back, and it never goes back', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', timer: 10 }, 1, 0);
    harness.push({ key: 'a', timer: 30 }, 1, 0);
    harness.watermark(20, 0);
    harness.idle(1);
    expect(harness.takeOutputs()).toEqual([{ record: 'a e10 @20 first@1 first@1', timestamp: 10 }, { watermark: 20 }]);
    harness.active(1);
    harness.watermark(5, 1);
    harness.watermark(40, 0);
    expect(harness.takeOutputs()).toEqual([]);
    harness.watermark(35, 1);
    expect(harness.takeOutputs()).toEqual([{ record: 'a e30 @35 ', timestamp: 30 }, { watermark: 35 }]);
  });

  it('R25: a timer in the past waits for the combined watermark to move, not for one of the inputs', async () => {
    const harness = await harnessOf();
    harness.watermark(20, 0);
    harness.watermark(20, 1);
    harness.push({ key: 'a', timer: 10 }, 21, 0);
    harness.watermark(30, 0);
    expect(harness.takeOutputs()).toEqual([{ watermark: 20 }]);
    harness.watermark(25, 1);
    expect(harness.takeOutputs()).toEqual([{ record: 'a e10 @25 first@21', timestamp: 10 }, { watermark: 25 }]);
  });

  it('R32: when both are idle the higher one counts', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', timer: 15 }, 1, 0);
    harness.watermark(20, 0);
    harness.watermark(5, 1);
    harness.idle(0);
    harness.idle(1);
    expect(harness.takeOutputs()).toEqual([
      { watermark: 5 },
      { record: 'a e15 @20 first@1', timestamp: 15 },
      { watermark: 20 },
      { status: 'idle' },
    ]);
  });

  it('watermarks of both inputs are part of a snapshot', async () => {
    const before = await harnessOf();
    before.push({ key: 'a', timer: 10 }, 1, 0);
    before.push({ key: 'b', timer: 12 }, 2, 1);
    before.watermark(20, 0);
    before.watermark(10, 1);
    expect(before.takeOutputs()).toHaveLength(2);
    const after = await harnessOf({ restore: before.snapshot() });
    after.watermark(30, 1);
    expect(after.takeOutputs()).toEqual([{ record: 'b e12 @20 second@2', timestamp: 12 }, { watermark: 20 }]);
  });
});
