import { expect, test } from 'vitest';
import { count, sum } from '../../src/aggregates/index.ts';
import type { DataStream } from '../../src/index.ts';
import { sideOutput } from '../../src/model/index.ts';
import { operatorHarness, snapshotFromJson, snapshotToJson } from '../../src/testing.ts';
import { tumbling } from '../../src/windows/index.ts';

interface Reading {
  readonly key: string;
  readonly n: number;
}

const late = sideOutput<Reading>('late');

const windows = (input: DataStream<Reading, true>): DataStream<string> =>
  input
    .keyBy((r) => r.key)
    .window(tumbling(10))
    .allowedLateness(5)
    .lateTo(late)
    .aggregate({ n: sum((r) => r.n) }, (r) => `${r.key}@${r.window.start}=${r.value.n}`);

test('results come before the watermark that caused them', async () => {
  const harness = await operatorHarness(windows, { sides: [late] });
  harness.push({ key: 'a', n: 1 }, 3);
  harness.push({ key: 'b', n: 2 }, 9);
  expect(harness.takeOutputs()).toEqual([]);
  harness.watermark(8);
  expect(harness.takeOutputs()).toEqual([{ watermark: 8 }]);
  harness.watermark(9);
  expect(harness.takeOutputs()).toEqual([
    { record: 'a@0=1', timestamp: 9 },
    { record: 'b@0=2', timestamp: 9 },
    { watermark: 9 },
  ]);
});

test('late but allowed records fire at once, later ones go to the side output', async () => {
  const harness = await operatorHarness(windows, { sides: [late] });
  harness.push({ key: 'a', n: 1 }, 3);
  harness.watermark(13);
  harness.takeOutputs();
  harness.push({ key: 'a', n: 5 }, 4);
  expect(harness.takeOutputs()).toEqual([{ record: 'a@0=6', timestamp: 9 }]);
  harness.watermark(14);
  harness.push({ key: 'a', n: 7 }, 5);
  expect(harness.takeOutputs()).toEqual([
    { watermark: 14 },
    { side: 'late', record: { key: 'a', n: 7 }, timestamp: 5 },
  ]);
  harness.driver.assertConservation();
});

test('event time goes to its end and never back', async () => {
  const harness = await operatorHarness(windows, { sides: [late] });
  harness.push({ key: 'a', n: 1 }, 3);
  harness.watermark(Infinity);
  harness.watermark(100);
  expect(harness.takeOutputs()).toEqual([{ record: 'a@0=1', timestamp: 9 }, { watermark: Infinity }]);
});

test('idle and active are passed on, once each', async () => {
  const harness = await operatorHarness(windows, { sides: [late] });
  harness.watermark(5);
  harness.idle();
  harness.idle();
  harness.active();
  harness.idle();
  harness.active();
  harness.watermark(7);
  expect(harness.takeOutputs()).toEqual([
    { watermark: 5 },
    { status: 'idle' },
    { status: 'active' },
    { status: 'idle' },
    { status: 'active' },
    { watermark: 7 },
  ]);
});

test('a snapshot goes through JSON into a fresh harness, which goes on where the first stood', async () => {
  const first = await operatorHarness(windows, { sides: [late] });
  first.push({ key: 'a', n: 1 }, 3);
  first.watermark(4);
  expect(first.stateSize()).toEqual({ entries: 1, timers: 2 });
  const snapshot = first.snapshot();
  expect(snapshotFromJson(snapshotToJson(snapshot))).toEqual(structuredClone(snapshot));
  const second = await operatorHarness(windows, { restore: snapshotFromJson(snapshotToJson(snapshot)), sides: [late] });
  second.push({ key: 'a', n: 1 }, 3);
  second.watermark(20);
  expect(second.takeOutputs()).toEqual([{ record: 'a@0=2', timestamp: 9 }, { watermark: 20 }]);
  expect(second.stateSize()).toEqual({ entries: 0, timers: 0 });
});

test('a snapshot of an operator that saw a late record at the end of time is plain data', async () => {
  const harness = await operatorHarness(windows, { sides: [late] });
  harness.watermark(Infinity);
  harness.push({ key: 'a', n: 1 }, 3);
  expect(() => snapshotToJson(harness.snapshot())).not.toThrow();
});

test('side outputs of operators further up are captured by name', async () => {
  const harness = await operatorHarness((input: DataStream<Reading, true>) => {
    const first = input
      .keyBy((r) => r.key)
      .window(tumbling(10))
      .lateTo(late)
      .aggregate({ n: count() });
    const output = first.windowAll(tumbling(20)).aggregate({ keys: count() }, (r) => r.value.keys);
    return { output, sides: { 'late of the first': first.side(late) } };
  });
  harness.pushAll([
    [{ key: 'a', n: 1 }, 3],
    [{ key: 'b', n: 1 }, 13],
  ]);
  harness.watermark(19);
  harness.push({ key: 'a', n: 2 }, 19);
  expect(harness.takeOutputs()).toEqual([
    { record: 2, timestamp: 19 },
    { watermark: 19 },
    { side: 'late of the first', record: { key: 'a', n: 2 }, timestamp: 19 },
  ]);
});

test('R3: a record without timestamp is an error', async () => {
  const harness = await operatorHarness(windows, { sides: [late] });
  expect(() => harness.push({ key: 'a', n: 1 }, NaN)).toThrow(/timestamp/);
});
