import { describe, expect, it } from 'vitest';
import {
  avg,
  count,
  dataflow,
  deadLetter,
  max,
  memory,
  memorySink,
  sum,
  type Aggregate,
  type DataStream,
  type DeadLetter,
  type StreamKey,
} from '../../src/index.ts';
import { operatorHarness, type HarnessOptions } from '../../src/testing.ts';

interface Row {
  readonly key: StreamKey;
  readonly n: number;
}

const texts: Aggregate<Row, number[], string> = {
  create: () => [],
  add(list, row) {
    if (row.n < 0) throw new Error('negative');
    return [...list, row.n];
  },
  merge: (a, b) => [...a, ...b],
  result: (list) => list.join('+'),
};

const records = (harness: { takeOutputs(): unknown[] }): unknown[] => harness.takeOutputs();

describe('running reduce and aggregate of a keyed stream', () => {
  it('reduce: every record gives the reduced value of its key so far, with its own timestamp', async () => {
    const harness = await operatorHarness((input: DataStream<Row, true>) =>
      input.keyBy((r) => r.key).reduce((a, b) => ({ key: a.key, n: a.n + b.n })),
    );
    harness.push({ key: 'a', n: 1 }, 5);
    harness.push({ key: 'b', n: 10 }, 3);
    harness.push({ key: 'a', n: 2 }, 4);
    harness.watermark(100);
    harness.push({ key: 'a', n: 3 }, 7);
    harness.push({ key: 'a', n: 4 }, NaN);
    expect(records(harness)).toEqual([
      { record: { key: 'a', n: 1 }, timestamp: 5 },
      { record: { key: 'b', n: 10 }, timestamp: 3 },
      { record: { key: 'a', n: 3 }, timestamp: 4 },
      { watermark: 100 },
      { record: { key: 'a', n: 6 }, timestamp: 7 },
      { record: { key: 'a', n: 10 }, timestamp: NaN },
    ]);
    harness.driver.assertConservation();
  });

  it('aggregate: { key, value } of all aggregates so far, or what the program makes of it', async () => {
    const plain = await operatorHarness((input: DataStream<Row, true>) =>
      input.keyBy((r) => r.key).aggregate({ n: count(), mean: avg((r) => r.n), texts }),
    );
    const projected = await operatorHarness((input: DataStream<Row, true>) =>
      input.keyBy((r) => r.key).aggregate({ most: max((r) => r.n) }, (r) => `${String(r.key)}: ${r.value.most}`),
    );
    const rows = [1, 5, 3].map((n): [Row, number] => [{ key: 'a', n }, n]);
    plain.pushAll(rows);
    projected.pushAll(rows);
    expect(records(plain)).toEqual([
      { record: { key: 'a', value: { n: 1, mean: 1, texts: '1' } }, timestamp: 1 },
      { record: { key: 'a', value: { n: 2, mean: 3, texts: '1+5' } }, timestamp: 5 },
      { record: { key: 'a', value: { n: 3, mean: 3, texts: '1+5+3' } }, timestamp: 3 },
    ]);
    expect(records(projected)).toMatchObject([{ record: 'a: 1' }, { record: 'a: 5' }, { record: 'a: 5' }]);
  });

  it('keys are compared by value, also after a restore at every record', async () => {
    const build = (options: HarnessOptions = {}) =>
      operatorHarness(
        (input: DataStream<Row, true>) =>
          input.keyBy((r) => r.key).aggregate({ total: sum((r) => r.n), texts }, (r) => r.value),
        options,
      );
    let harness = await build();
    for (let i = 1; i <= 5; i++) {
      harness.push({ key: ['a', { b: 1 }], n: i }, i);
      harness.push({ key: 'other', n: 100 }, i);
      const text = Array.from({ length: i }, (_, j) => j + 1).join('+');
      expect(records(harness)).toMatchObject([
        { record: { total: (i * (i + 1)) / 2, texts: text } },
        { record: { total: 100 * i } },
      ]);
      expect(harness.stateSize()).toEqual({ entries: 2, timers: 0 });
      harness = await build({ restore: harness.snapshot() });
    }
  });

  it('a record on which the aggregate throws enters nothing, and a key it would have been the first of stays away', async () => {
    const dead = memorySink<DeadLetter>();
    const out = memorySink<unknown>();
    const flow = dataflow('running');
    const rows = [
      { key: 'a', n: 1 },
      { key: 'a', n: -1 },
      { key: 'b', n: -1 },
      { key: 'a', n: 2 },
      { key: 'b', n: 3 },
    ];
    flow
      .from('rows', memory(rows))
      .keyBy((r) => r.key)
      .aggregate({ n: count(), texts }, (r) => [r.key, r.value.n, r.value.texts])
      .to('out', out);
    const handle = await flow.run({ onError: deadLetter(dead) });
    await handle.done;
    expect(out.rows).toEqual([
      ['a', 1, '1'],
      ['a', 2, '1+2'],
      ['b', 1, '3'],
    ]);
    expect(dead.rows.map(({ position, message }) => [position, message])).toEqual([
      [1, 'negative'],
      [2, 'negative'],
    ]);
    expect(handle.metrics().operators.find(({ kind }) => kind === 'running')).toMatchObject({
      in: 5,
      out: 3,
      deadLettered: 2,
      missing: 0,
    });
  });
});
