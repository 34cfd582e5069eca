import { describe, expect, it } from 'vitest';
import {
  dataflow,
  deadLetter,
  listState,
  memory,
  memorySink,
  ascendingTimestamps,
  sideOutput,
  typed,
  valueState,
  type DataStream,
  type DeadLetter,
  type ProcessContext,
  type RunOptions,
  type StateSpec,
} from '../../src/index.ts';
import { operatorHarness, type HarnessOptions } from '../../src/testing.ts';

/** What the function is to do with a record or in a timer: `e5` registers an event timer, `-e5` deletes it, `p5`, `-p5`. */
interface Row {
  readonly key: string;
  readonly ops?: readonly string[];
}

const side = sideOutput<string>('side');

function perform(ctx: ProcessContext<string, StateSpec, string>, ops: readonly string[]): void {
  for (const op of ops) {
    const time = Number(op.replace(/^-?[ep]/, '').replace('max', 'Infinity'));
    if (op === 'emit') ctx.emit(`${ctx.key}!`);
    else if (op === 'side') ctx.side(side, `${ctx.key}!`);
    else if (op.startsWith('-e')) ctx.deleteEventTimer(time);
    else if (op.startsWith('-p')) ctx.deleteProcessingTimer(time);
    else if (op.startsWith('e')) ctx.registerEventTimer(time);
    else ctx.registerProcessingTimer(time);
  }
}

/** Emits `key eTIME @WATERMARK` in timers, and does what `onEvent` and `onProcessing` say by time. */
function scripted(
  onEvent: Readonly<Record<number, readonly string[]>> = {},
  onProcessing: Readonly<Record<number, readonly string[]>> = {},
) {
  return (input: DataStream<Row, true>) =>
    input
      .keyBy((r) => r.key)
      .process({
        emits: typed<string>(),
        onRecord: (row, ctx) => perform(ctx, row.ops ?? []),
        onEventTimer(time, ctx) {
          ctx.emit(`${ctx.key} e${time} @${ctx.watermark}`);
          perform(ctx, onEvent[time] ?? []);
        },
        onProcessingTimer(time, ctx) {
          ctx.emit(`${ctx.key} p${time}`);
          perform(ctx, onProcessing[time] ?? []);
        },
      });
}

const harnessOf = (...parts: Parameters<typeof scripted>) => operatorHarness(scripted(...parts), { sides: [side] });

describe('process function: timers of event time', () => {
  it('R22, R23: fire when they are at or below the watermark, by time over all keys; then the watermark goes on', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', ops: ['e30', 'e10'] }, 0);
    harness.push({ key: 'b', ops: ['e20', 'e40'] }, 0);
    harness.watermark(9);
    expect(harness.takeOutputs()).toEqual([{ watermark: 9 }]);
    harness.watermark(30);
    expect(harness.takeOutputs()).toEqual([
      { record: 'a e10 @30', timestamp: 10 },
      { record: 'b e20 @30', timestamp: 20 },
      { record: 'a e30 @30', timestamp: 30 },
      { watermark: 30 },
    ]);
    harness.watermark(39);
    harness.watermark(40);
    expect(harness.takeOutputs()).toEqual([
      { watermark: 39 },
      { record: 'b e40 @40', timestamp: 40 },
      { watermark: 40 },
    ]);
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
  });

  it('R25: are one per key and time, however often they are registered, and can be deleted', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', ops: ['e10', 'e10', 'e20', '-e20', '-e99'] }, 0);
    harness.push({ key: 'a', ops: ['e10'] }, 0);
    harness.push({ key: 'b', ops: ['e10', '-e10'] }, 0);
    expect(harness.stateSize().entries).toBe(1);
    harness.watermark(50);
    expect(harness.takeOutputs()).toEqual([{ record: 'a e10 @50', timestamp: 10 }, { watermark: 50 }]);
  });

  it('R25: one registered for a time already passed fires at the next advance, not at once and not with idleness', async () => {
    const harness = await harnessOf();
    harness.watermark(100);
    harness.push({ key: 'a', ops: ['e50'] }, 101);
    harness.idle();
    harness.active();
    expect(harness.takeOutputs()).toEqual([{ watermark: 100 }, { status: 'idle' }, { status: 'active' }]);
    harness.watermark(101);
    expect(harness.takeOutputs()).toEqual([{ record: 'a e50 @101', timestamp: 50 }, { watermark: 101 }]);
  });

  it('R25: one registered in a timer for a time already passed fires in the same advance, next if it is the earliest', async () => {
    const harness = await harnessOf({ 10: ['e3', 'e15', 'e200'], 15: ['-e20'] });
    harness.push({ key: 'a', ops: ['e10', 'e20'] }, 0);
    harness.push({ key: 'b', ops: ['e12'] }, 0);
    harness.watermark(100);
    expect(harness.takeOutputs()).toEqual([
      { record: 'a e10 @100', timestamp: 10 },
      { record: 'a e3 @100', timestamp: 3 },
      { record: 'b e12 @100', timestamp: 12 },
      { record: 'a e15 @100', timestamp: 15 },
      { watermark: 100 },
    ]);
    harness.watermark(200);
    expect(harness.takeOutputs()[0]).toEqual({ record: 'a e200 @200', timestamp: 200 });
  });

  it('R25: one that registers itself again in its own callback fires again in the same advance', async () => {
    let left = 3;
    const harness = await operatorHarness((input: DataStream<Row, true>) =>
      input
        .keyBy((r) => r.key)
        .process({
          emits: typed<number>(),
          onRecord: (_row, ctx) => ctx.registerEventTimer(10),
          onEventTimer(time, ctx) {
            ctx.emit(time);
            if (--left > 0) ctx.registerEventTimer(time);
          },
        }),
    );
    harness.push({ key: 'a' }, 0);
    harness.watermark(10);
    expect(harness.takeOutputs()).toHaveLength(4);
    expect(harness.stateSize().entries).toBe(0);
  });

  it('one at +Infinity fires at the end of the stream only', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', ops: ['emax', 'e10'] }, 0);
    harness.watermark(Number.MAX_SAFE_INTEGER);
    expect(harness.takeOutputs()).toHaveLength(2);
    harness.watermark(Infinity);
    expect(harness.takeOutputs()).toEqual([
      { record: 'a eInfinity @Infinity', timestamp: Infinity },
      { watermark: Infinity },
    ]);
  });
});

describe('process function: timers of processing time', () => {
  it('fire when the clock comes to them, those already due at once, in the order of time over all keys', async () => {
    const harness = await harnessOf();
    harness.push({ key: 'a', ops: ['p30', 'p10', 'p10', 'p15', '-p15'] }, 0);
    harness.push({ key: 'b', ops: ['p20', 'p0'] }, 0);
    expect(harness.takeOutputs()).toEqual([{ record: 'b p0', timestamp: NaN }]);
    harness.processingTime(9);
    expect(harness.takeOutputs()).toEqual([]);
    harness.processingTime(30);
    expect(harness.takeOutputs().map((o) => 'record' in o && o.record)).toEqual(['a p10', 'b p20', 'a p30']);
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
  });

  it('R24: what they emit has no timestamp, what they send to a side output that of the timer', async () => {
    const harness = await harnessOf({ 7: ['side'] }, { 10: ['side'] });
    harness.push({ key: 'a', ops: ['emit', 'side', 'e7', 'p10'] }, 5);
    harness.watermark(7);
    harness.processingTime(12);
    expect(harness.takeOutputs()).toEqual([
      { record: 'a!', timestamp: 5 },
      { side: 'side', record: 'a!', timestamp: 5 },
      { record: 'a e7 @7', timestamp: 7 },
      { side: 'side', record: 'a!', timestamp: 7 },
      { watermark: 7 },
      { record: 'a p10', timestamp: NaN },
      { side: 'side', record: 'a!', timestamp: 10 },
    ]);
  });
});

describe('process function: many timers', () => {
  it('at most 512 results or timers per step, also of one key; nothing is lost or doubled', async () => {
    const harness = await operatorHarness((input: DataStream<number, true>) =>
      input
        .keyBy((n) => n % 3)
        .process({
          emits: typed<number>(),
          onRecord: (n, ctx) => ctx.registerEventTimer(n),
          onEventTimer: (time, ctx) => ctx.emit(time),
        }),
    );
    const records = Array.from({ length: 2000 }, (_, n) => [n, n] as const);
    harness.pushAll(records);
    const { driver } = harness;
    const [source] = driver.core.sources;
    source?.coalescer.update(0, 5000);
    if (source !== undefined) source.raiseTo = 5000;
    const emitted: number[] = [];
    let before = 0;
    for (;;) {
      const result = driver.step();
      const out = driver.metrics().operators.find(({ kind }) => kind === 'process')?.out ?? 0;
      emitted.push(out - before);
      before = out;
      if (result === 'waiting') break;
    }
    expect(Math.max(...emitted)).toBe(512);
    expect(harness.takeOutputs().map((o) => 'record' in o && o.record)).toEqual(records.map(([n]) => n));
  });

  it('R23: a flatMap behind that holds back gives all results of a timer before the next timer fires', async () => {
    const order: string[] = [];
    const harness = await operatorHarness((input: DataStream<number, true>) =>
      input
        .keyBy((n) => n)
        .process({
          emits: typed<number>(),
          onRecord: (n, ctx) => ctx.registerEventTimer(n),
          onEventTimer(time, ctx) {
            order.push(`timer ${time}`);
            ctx.emit(time);
          },
        })
        .flatMap(function* (time) {
          for (let i = 0; i < 700; i++) {
            if (i === 699) order.push(`last of ${time}`);
            yield i;
          }
        }),
    );
    harness.pushAll([
      [1, 0],
      [2, 0],
    ]);
    harness.watermark(5);
    expect(order).toEqual(['timer 1', 'last of 1', 'timer 2', 'last of 2']);
    expect(harness.takeOutputs()).toHaveLength(1401);
  });
});

describe('process function: state', () => {
  const counting = (input: DataStream<Row, true>) =>
    input
      .keyBy((r) => r.key)
      .process({
        state: { n: valueState({ initial: () => 0 }), all: listState<number>() },
        emits: typed<string>(),
        onRecord(row, ctx) {
          ctx.state.n.update((n) => n + 1);
          ctx.state.all.add(ctx.timestamp);
          ctx.registerEventTimer(ctx.timestamp + 10);
          perform(ctx, row.ops ?? []);
        },
        onEventTimer(_time, ctx) {
          ctx.emit(`${ctx.key}${ctx.state.n.get()} ${ctx.state.all.get().join(',')}`);
          ctx.state.n.clear();
          ctx.state.all.clear();
        },
      });

  it('is that of the key, in records and in timers; keys without state and timers leave nothing behind', async () => {
    const harness = await operatorHarness(counting);
    harness.pushAll([
      [{ key: 'a' }, 1],
      [{ key: 'b' }, 2],
      [{ key: 'a' }, 3],
    ]);
    expect(harness.stateSize().entries).toBe(6);
    harness.watermark(11);
    expect(harness.takeOutputs()[0]).toEqual({ record: 'a2 1,3', timestamp: 11 });
    harness.watermark(13);
    expect(harness.stateSize().entries).toBe(0);
    harness.driver.assertConservation();
  });

  it('R25: state and timers of a restored operator are those of the old one, after every step', async () => {
    const steps = (h: Awaited<ReturnType<typeof harness>>): readonly (() => void)[] => [
      () => h.push({ key: 'a', ops: ['p5'] }, 1),
      () => h.push({ key: 'b', ops: ['e4', 'p2'] }, 4),
      () => h.watermark(3),
      () => h.push({ key: 'c', ops: ['e2', '-p9', 'emax'] }, 5),
      () => h.processingTime(4),
      () => h.watermark(11),
      () => h.push({ key: 'a' }, 12),
      () => h.watermark(Infinity),
    ];
    const harness = (options: HarnessOptions = {}) => operatorHarness(counting, { sides: [side], ...options });
    const whole = await harness();
    const expected = steps(whole).map((_step, i) => {
      steps(whole)[i]?.();
      return whole.takeOutputs();
    });
    expect(expected.flat().filter((o) => 'record' in o).length).toBeGreaterThan(3);
    let snapshot = (await harness()).snapshot();
    for (let i = 0, now = 0; i < expected.length; i++) {
      const part = await harness({ restore: snapshot });
      part.processingTime(now);
      part.takeOutputs();
      steps(part)[i]?.();
      now = part.driver.time.now();
      expect(part.takeOutputs()).toEqual(expected[i]);
      snapshot = part.snapshot();
    }
  });

  it('with a time to live by event time: a timer finds what lived at its own time, however far the watermark jumps', async () => {
    const living = (input: DataStream<Row, true>) =>
      input
        .keyBy((r) => r.key)
        .process({
          state: { last: valueState<number>({ ttl: { after: 10, time: 'event' } }) },
          emits: typed<string>(),
          onRecord(_row, ctx) {
            ctx.emit(`was ${ctx.state.last.get()}`);
            ctx.state.last.set(ctx.timestamp);
            for (const later of [9, 10, Infinity]) ctx.registerEventTimer(ctx.timestamp + later);
          },
          onEventTimer: (time, ctx) => ctx.emit(`${time}: ${ctx.state.last.get()}`),
        });
    const records = async (watermarks: readonly number[]) => {
      const harness = await operatorHarness(living);
      harness.push({ key: 'a' }, 0);
      for (const watermark of watermarks) harness.watermark(watermark);
      return harness.takeOutputs().flatMap((o) => ('record' in o ? [o.record] : []));
    };
    const expected = ['was undefined', '9: 0', '10: undefined', 'Infinity: undefined'];
    expect(await records([9, 10, Infinity])).toEqual(expected);
    expect(await records([1000, Infinity])).toEqual(expected);
    expect(await records([Infinity])).toEqual(expected);
  });

  it('with a time to live by event time: a timer in the past finds nothing that had expired before, also after a restore', async () => {
    const build = (options: HarnessOptions = {}) =>
      operatorHarness(
        (input: DataStream<Row, true>) =>
          input
            .keyBy((r) => r.key)
            .process({
              state: { last: valueState<number>({ ttl: { after: 10, time: 'event' } }) },
              emits: typed<string>(),
              onRecord(row, ctx) {
                if (row.ops === undefined) ctx.state.last.set(1);
                else perform(ctx, row.ops);
              },
              onEventTimer: (time, ctx) => ctx.emit(`${time}: ${ctx.state.last.get()}`),
            }),
        options,
      );
    const harness = await build();
    // So many that cleaning up does not come to the last one.
    for (let i = 0; i < 100; i++) harness.push({ key: `${i}` }, 0);
    harness.watermark(50);
    harness.push({ key: '99', ops: ['e5'] }, 60);
    expect(harness.stateSize().entries).toBeGreaterThan(50);
    const restored = await build({ restore: harness.snapshot() });
    for (const one of [harness, restored]) {
      one.takeOutputs();
      one.watermark(51);
      expect(one.takeOutputs()[0]).toEqual({ record: '5: undefined', timestamp: 5 });
    }
  });

  it('with a time to live by event time outlives the end of the stream', async () => {
    const harness = await operatorHarness((input: DataStream<Row, true>) =>
      input
        .keyBy((r) => r.key)
        .process({
          state: { last: valueState<number>({ ttl: { after: '1d', time: 'event' } }) },
          emits: typed<number | undefined>(),
          onRecord(_row, ctx) {
            ctx.state.last.set(ctx.timestamp);
            ctx.registerEventTimer(Infinity);
          },
          onEventTimer: (_time, ctx) => ctx.emit(ctx.state.last.get()),
        }),
    );
    harness.push({ key: 'a' }, 5);
    harness.watermark(1000);
    harness.watermark(Infinity);
    expect(harness.takeOutputs()[1]).toEqual({ record: 5, timestamp: Infinity });
  });
});

describe('process function: failures', () => {
  it('in development a value of state that is changed in place is an error; not so in production', async () => {
    const build = (development: boolean) =>
      operatorHarness(
        (input: DataStream<Row, true>) =>
          input
            .keyBy((r) => r.key)
            .process({
              state: { all: valueState<number[]>({ initial: () => [] }) },
              onRecord(_row, ctx) {
                const all = ctx.state.all.get();
                all.push(ctx.timestamp);
                ctx.state.all.set(all);
              },
            }),
        { development },
      );
    const [checked, fast] = [await build(true), await build(false)];
    expect(() => checked.push({ key: 'a' }, 0)).toThrow(/process function of .* object is not extensible/);
    expect(() => fast.push({ key: 'a' }, 0)).not.toThrow();
  });

  async function run(onRecord: (n: number) => void, onEventTimer: () => void, options: RunOptions = {}) {
    const out = memorySink<number>();
    const flow = dataflow('failing');
    flow
      .from('numbers', memory([1, 2, 3]), { watermarks: ascendingTimestamps((n) => n) })
      .keyBy((n) => `key ${n}`)
      .process({
        emits: typed<number>(),
        onRecord(n, ctx) {
          onRecord(n);
          ctx.emit(n);
          ctx.registerEventTimer(10);
        },
        onEventTimer,
      })
      .to('out', out);
    return { handle: await flow.run(options), out };
  }

  it('on a record name the record and the key', async () => {
    const { handle } = await run(
      (n) => {
        if (n === 2) throw new Error('two');
      },
      () => undefined,
    );
    await expect(handle.done).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: expect.stringMatching(/^process function of '.*' failed on the record of numbers, .*: two$/) as string,
      fields: { key: 'key 2', position: 1 },
    });
  });

  it('on a record go to the dead letters; what the function did before stays done', async () => {
    const dead = memorySink<DeadLetter>();
    const { handle, out } = await run(
      (n) => {
        if (n === 2) throw new Error('two');
      },
      () => undefined,
      { onError: deadLetter(dead) },
    );
    await handle.done;
    expect(out.rows).toEqual([1, 3]);
    expect(dead.rows).toHaveLength(1);
    const counts = handle.metrics().operators.find(({ kind }) => kind === 'process');
    expect(counts).toMatchObject({ in: 3, absorbed: 2, deadLettered: 1, buffered: 0, out: 2 });
  });

  it('in a timer name the key, and fail the job', async () => {
    const { handle } = await run(
      () => undefined,
      () => {
        throw new Error('late');
      },
    );
    await expect(handle.done).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: expect.stringMatching(/^event timer at 10 of '.*' failed.*: late$/) as string,
      fields: { key: 'key 1', position: undefined },
    });
  });

  it.each([NaN, -Infinity, '5' as never, undefined as never])('a timer at %s is refused', async (time) => {
    const harness = await operatorHarness((input: DataStream<Row, true>) =>
      input.keyBy((r) => r.key).process({ onRecord: (_row, ctx) => ctx.registerEventTimer(time) }),
    );
    expect(() => harness.push({ key: 'a' }, 0)).toThrow(
      /registerEventTimer\(.*\): the time must be epoch milliseconds/,
    );
  });
});
