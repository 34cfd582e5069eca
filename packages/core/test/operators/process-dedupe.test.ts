import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataflow, memory, memorySink, type DataStream } from '../../src/index.ts';
import { OperatorMetrics } from '../../src/metrics/index.ts';
import { DedupeOperator, StepControl } from '../../src/operators/index.ts';
import { HeapBackend } from '../../src/state/index.ts';
import { operatorHarness, VirtualTime, type HarnessOptions } from '../../src/testing.ts';
import { Segment } from '../../src/time/index.ts';

interface Row {
  readonly key: string;
  readonly id: string | readonly [string, number];
}

const within = (ms: number | undefined, options: HarnessOptions = {}) =>
  operatorHarness(
    (input: DataStream<Row, true>) =>
      input.keyBy((r) => r.key).dedupe(ms === undefined ? { by: (r) => r.id } : { by: (r) => r.id, within: ms }),
    options,
  );
type Harness = Awaited<ReturnType<typeof within>>;

/** Timestamps of the records that passed. */
const passed = (harness: Harness): number[] =>
  harness.takeOutputs().flatMap((o) => ('record' in o ? [o.timestamp] : []));

const x = { key: 'a', id: 'x' };

describe('dedupe by event time', () => {
  it('drops an id from its first record on for `within`, also out of order; at the end of it the id is new', async () => {
    const harness = await within(10);
    for (const timestamp of [100, 100, 109, 95, 50, 110, 105, 119, 120]) harness.push(x, timestamp);
    expect(passed(harness)).toEqual([100, 110, 120]);
    expect(harness.driver.metrics().operators.find(({ kind }) => kind === 'dedupe')).toMatchObject({
      in: 9,
      out: 3,
      filtered: 6,
    });
    harness.driver.assertConservation();
  });

  it('is per key and per id, and ids are compared by value', async () => {
    const harness = await within(10);
    harness.push({ key: 'a', id: ['x', 1] }, 0);
    harness.push({ key: 'a', id: ['x', 2] }, 1);
    harness.push({ key: 'b', id: ['x', 1] }, 2);
    harness.push({ key: 'a', id: ['x', 1] }, 3);
    expect(passed(harness)).toEqual([0, 1, 2]);
    const again = await within(10, { restore: harness.snapshot() });
    again.push({ key: 'a', id: ['x', 1] }, 4);
    again.push({ key: 'b', id: ['x', 2] }, 5);
    expect(passed(again)).toEqual([5]);
  });

  it('remembers an id until the watermark says that no repetition can come, and not longer', async () => {
    const harness = await within(10);
    harness.push(x, 100);
    harness.push({ key: 'a', id: 'y' }, 103);
    harness.watermark(108);
    harness.push(x, 109);
    expect(passed(harness)).toEqual([100, 103]);
    harness.watermark(109);
    harness.watermark(111);
    expect(harness.stateSize().entries).toBe(2);
    harness.watermark(112);
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
    harness.push(x, 105);
    expect(passed(harness)).toEqual([105]);
    harness.watermark(500);
    expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
  });

  it('forgets each id at its own time, also where a later one came before it', async () => {
    const harness = await within(10);
    harness.push(x, 110);
    harness.push({ key: 'a', id: 'y' }, 100);
    harness.watermark(109);
    harness.push({ key: 'a', id: 'y' }, 105);
    harness.push(x, 119);
    expect(passed(harness)).toEqual([110, 100, 105]);
  });

  it('without `within` remembers for ever', async () => {
    const harness = await within(undefined);
    harness.push(x, 0);
    harness.watermark(1e9);
    harness.push(x, 1e9 + 1);
    expect(passed(harness)).toEqual([0]);
    expect(harness.stateSize().entries).toBe(1);
  });

  it('gives what the rule says for any order of records, with restores anywhere; in the end nothing is left', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ id: fc.constantFrom('x', 'y'), ahead: fc.nat(25) }) },
      { weight: 2, arbitrary: fc.record({ watermark: fc.integer({ min: 1, max: 12 }) }) },
      { weight: 1, arbitrary: fc.constant('restore' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        let harness = await within(10);
        const first = new Map<string, number>();
        let watermark = 0;
        for (const one of steps) {
          if (one === 'restore') harness = await within(10, { restore: harness.snapshot() });
          else if ('watermark' in one) harness.watermark((watermark += one.watermark));
          else {
            // Never late: above the watermark.
            const timestamp = watermark + 1 + one.ahead;
            const at = first.get(one.id);
            const isFirst = at === undefined || timestamp >= at + 10;
            if (isFirst) first.set(one.id, timestamp);
            harness.push({ key: 'a', id: one.id }, timestamp);
            expect(passed(harness)).toEqual(isFirst ? [timestamp] : []);
          }
        }
        harness.watermark(watermark + 100);
        expect(harness.stateSize().entries).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('costs no more per record with many ids in one key', async () => {
    const harness = await within(1_000_000);
    const records = Array.from({ length: 50_000 }, (_, i) => [{ key: 'a', id: `${i}` }, i] as const);
    harness.pushAll(records);
    harness.pushAll(records);
    harness.takeOutputs();
    // One timer each millisecond; going through all ids at each of them would take minutes.
    harness.watermark(2_000_000);
    expect(harness.stateSize().entries).toBe(0);
  });

  it('a record without timestamp is an error', async () => {
    const harness = await within(10);
    expect(() => harness.push(x, NaN)).toThrow(expect.objectContaining({ code: 'RECORD_NO_TIMESTAMP' }) as Error);
  });
});

describe('dedupe by the clock, on streams without timestamps', () => {
  it('drops repetitions for `within` after the first one came, to the millisecond', () => {
    const time = new VirtualTime(1000);
    const state = new HeapBackend('dedupe');
    const input = new Segment(undefined);
    const passed: unknown[] = [];
    const dedupe = new DedupeOperator({
      name: 'dedupe',
      keyOf: () => 'a',
      by: (id) => id,
      withinMs: 10,
      time: 'processing',
      input,
      output: new Segment(undefined),
      next: { process: (value) => passed.push(value) },
      state,
      metrics: new OperatorMetrics(true),
      control: new StepControl(),
      clock: time,
    });
    const pushAt = (ms: number): unknown[] => {
      time.advanceTo(ms);
      if (dedupe.earliestProcessingTimer <= ms) expect(dedupe.fireProcessingTimers(ms)).toBe(true);
      dedupe.process('x', NaN);
      return passed.splice(0);
    };
    expect([pushAt(1000), pushAt(1000), pushAt(1009)]).toEqual([['x'], [], []]);
    expect(dedupe.earliestProcessingTimer).toBe(1010);
    expect([pushAt(1010), pushAt(1019)]).toEqual([['x'], []]);
    dedupe.fireProcessingTimers(1020);
    expect(state.snapshot().states).toMatchObject([{ entries: [] }, { entries: [] }]);
    expect(input.alert).toBe(Infinity);
  });

  it('works on bounded input, where the clock stands still', async () => {
    const out = memorySink<Row>();
    const flow = dataflow('dedupe');
    const rows = [x, { key: 'b', id: 'x' }, x, { key: 'a', id: 'y' }];
    flow
      .from('rows', memory(rows))
      .keyBy((r) => r.key)
      .dedupe({ by: (r) => r.id, within: '1h' })
      .to('out', out);
    await (
      await flow.run()
    ).done;
    expect(out.rows).toEqual([rows[0], rows[1], rows[3]]);
  });
});

describe('dedupe: wrong options', () => {
  const stream = () =>
    dataflow('f')
      .from('rows', memory([x]))
      .keyBy((r) => r.key);

  it.each<[unknown, RegExp]>([
    [{}, /by of dedupe\(\{ by \}\)/],
    [undefined, /by of dedupe\(\{ by \}\)/],
    [{ by: () => 1, within: 0 }, /within of dedupe\(\) is 0/],
    [{ by: () => 1, within: 'soon' }, /within of dedupe\(\) is "soon"/],
  ])('%j', (options, message) => {
    expect(() => stream().dedupe(options as never)).toThrow(message);
  });

  it('an id that cannot be compared by value is an error of the record', async () => {
    const harness = await operatorHarness((input: DataStream<Row, true>) =>
      input.keyBy((r) => r.key).dedupe({ by: () => new Map() as never }),
    );
    expect(() => harness.push(x, 0)).toThrow(/id of dedupe of .* cannot be compared by value/);
  });
});
