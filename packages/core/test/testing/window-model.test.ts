import fc from 'fast-check';
import { expect, test } from 'vitest';
import { count, sum } from '../../src/aggregates/index.ts';
import type { Dataflow, DataStream } from '../../src/api/index.ts';
import { memory, memoryPartitions, memorySink } from '../../src/connectors/index.ts';
import { dataflow } from '../../src/job.ts';
import { sideOutput } from '../../src/model/index.ts';
import {
  operatorHarness,
  pipelineDriver,
  type DriverOptions,
  type HarnessOutput,
  type OperatorHarness,
} from '../../src/testing.ts';
import { boundedOutOfOrderness } from '../../src/time/index.ts';
import { tumbling } from '../../src/windows/index.ts';
import { ModelStage, ModelWatermark, type ModelRecord, type ModelResult, type ModelWindow } from './window-model.ts';

const SEED = Number(process.env['MILLRACE_SEED'] ?? Date.now() % 1_000_000_007);
const RUNS = Number(process.env['MILLRACE_RUNS'] ?? 400);

const late1 = sideOutput<ModelRecord>('late 1');
const late2 = sideOutput<FirstResult>('late 2');

type FirstResult = { key: string; n: number; time: number; start: number; count: number };

const record: fc.Arbitrary<ModelRecord> = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  n: fc.integer({ min: -5, max: 5 }),
  time: fc.integer({ min: -60, max: 120 }),
});

const window: fc.Arbitrary<ModelWindow> = fc.integer({ min: 1, max: 40 }).chain((size) =>
  fc.record({
    size: fc.constant(size),
    offset: fc.integer({ min: 1 - size, max: size - 1 }),
    lateness: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 })),
  }),
);

type Step =
  | { readonly kind: 'record'; readonly record: ModelRecord }
  | { readonly kind: 'watermark'; readonly to: number }
  | { readonly kind: 'restore' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: record.map((of): Step => ({ kind: 'record', record: of })) },
  { weight: 3, arbitrary: fc.integer({ min: -60, max: 140 }).map((to): Step => ({ kind: 'watermark', to })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restore' }) },
);

/** Window, then window over its results: results carry the last millisecond of their window (R24). */
function chain(input: DataStream<ModelRecord, true>, one: ModelWindow, two: ModelWindow) {
  const stage = <T extends ModelRecord>(from: DataStream<T, true>, { size, offset, lateness }: ModelWindow) =>
    from
      .keyBy((r) => r.key)
      .window(tumbling(size, { offset }))
      .allowedLateness(lateness);
  const spec = { n: sum((r: ModelRecord) => r.n), count: count() };
  const first = stage(input, one)
    .lateTo(late1)
    .aggregate(spec, (r) => ({
      key: r.key,
      n: r.value.n,
      time: r.window.end - 1,
      start: r.window.start,
      count: r.value.count,
    }));
  const second = stage(first, two)
    .lateTo(late2)
    .aggregate(spec, (r): ModelResult => ({ key: r.key, start: r.window.start, n: r.value.n, count: r.value.count }));
  return { output: second, sides: { first, 'late 1': first.side(late1), 'late 2': second.side(late2) } };
}

/** The model of `chain`. Results of one watermark come as a bag: ties between keys are unspecified (R23). */
class ModelChain {
  outputs: string[] = [];
  private readonly one: ModelStage;
  private readonly two: ModelStage;

  constructor(one: ModelWindow, two: ModelWindow) {
    this.two = new ModelStage(two, (result, timestamp) => this.outputs.push(show({ record: result, timestamp })));
    this.one = new ModelStage(one, ({ key, n, start, count: records }, timestamp) => {
      const row = { key, n, time: timestamp, start, count: records };
      this.outputs.push(show({ side: 'first', record: row, timestamp }));
      this.two.record(row);
    });
  }

  record(of: ModelRecord): void {
    this.one.record(of);
    this.noteLate();
  }

  watermark(to: number): void {
    const before = this.two.watermark;
    this.one.advance(to);
    this.two.advance(to);
    this.noteLate();
    if (this.two.watermark > before) this.outputs.push(show({ watermark: this.two.watermark }));
  }

  take(): string[] {
    return this.outputs.splice(0).sort();
  }

  private noteLate(): void {
    for (const of of this.one.late.splice(0))
      this.outputs.push(show({ side: 'late 1', record: of, timestamp: of.time }));
    for (const of of this.two.late.splice(0))
      this.outputs.push(show({ side: 'late 2', record: of, timestamp: of.time }));
  }
}

function show(output: HarnessOutput): string {
  const fields = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? Object.entries(value).sort() : value;
  return 'watermark' in output
    ? `watermark ${output.watermark}`
    : JSON.stringify(
        Object.entries(output)
          .map(([name, value]) => [name, fields(value)])
          .sort(),
      );
}

/** Runs a chain to its end; everything it wrote, sorted. */
async function runChain(flow: Dataflow, { output, sides }: ReturnType<typeof chain>, options: DriverOptions) {
  const seen: string[] = [];
  const streams: readonly (readonly [name: string, stream: unknown])[] = Object.entries({ output, ...sides });
  const sinks = streams.map(([name, stream]) => {
    const sink = memorySink<unknown>();
    (stream as DataStream<unknown>).to(name, sink);
    return [name, sink] as const;
  });
  const driver = await pipelineDriver(flow, options);
  await driver.runToEnd();
  driver.assertConservation();
  for (const [name, { rows, timestamps }] of sinks) {
    rows.forEach((row, i) => {
      const timestamp = timestamps[i] as number;
      seen.push(show(name === 'output' ? { record: row, timestamp } : { side: name, record: row, timestamp }));
    });
  }
  return seen.sort();
}

test('R1-R10, R17, R22-R24: windows of windows give at each step what the model gives', async () => {
  await fc.assert(
    fc.asyncProperty(window, window, fc.array(step, { maxLength: 40 }), async (one, two, steps) => {
      type In = OperatorHarness<ModelRecord, ModelResult>;
      const open = (options: { restore?: ReturnType<In['snapshot']> }) =>
        operatorHarness<ModelRecord, ModelResult>((input) => chain(input, one, two), options);
      let harness = await open({});
      const model = new ModelChain(one, two);
      for (const of of [...steps, { kind: 'watermark', to: Infinity } as const]) {
        if (of.kind === 'record') {
          harness.push(of.record, of.record.time);
          model.record(of.record);
        } else if (of.kind === 'watermark') {
          harness.watermark(of.to);
          model.watermark(of.to);
        } else harness = await open({ restore: harness.snapshot() });
        const outputs = harness.takeOutputs();
        const forwarded = outputs.findIndex((output) => 'watermark' in output);
        expect(forwarded === -1 || forwarded === outputs.length - 1).toBe(true);
        expect(outputs.map(show).sort()).toEqual(model.take());
        harness.driver.assertConservation();
      }
      expect(harness.stateSize()).toEqual({ entries: 0, timers: 0 });
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test('R27, R28: bounded input with a watermark per record gives in whole what the model gives', async () => {
  const records = fc.array(record, { maxLength: 60 });
  const bound = fc.integer({ min: 0, max: 40 });
  const batch = fc.integer({ min: 1, max: 20 });
  await fc.assert(
    fc.asyncProperty(window, window, records, bound, batch, async (one, two, input, boundMs, batchRecords) => {
      const flow = dataflow('chain');
      const watermarks = boundedOutOfOrderness(boundMs, (r: ModelRecord) => r.time);
      const built = chain(flow.from('input', memory(input), { watermarks }), one, two);
      const seen = await runChain(flow, built, { batchRecords });
      const model = new ModelChain(one, two);
      const watermark = new ModelWatermark(boundMs);
      for (const of of input) {
        model.record(of);
        model.watermark(watermark.after(of.time));
      }
      model.watermark(Infinity);
      expect(seen).toEqual(model.take().filter((text) => !text.startsWith('watermark')));
    }),
    { seed: SEED, numRuns: RUNS },
  );
});

test.each(['partitions of one source', 'a union of two sources'])(
  'R29: records of %s are judged by the lower watermark of both',
  async (shape) => {
    const inputs = fc.tuple(fc.array(record, { maxLength: 30 }), fc.array(record, { maxLength: 30 }));
    const bound = fc.integer({ min: 0, max: 60 });
    await fc.assert(
      fc.asyncProperty(window, window, inputs, bound, async (one, two, [left, right], boundMs) => {
        const flow = dataflow('two inputs');
        const watermarks = boundedOutOfOrderness(boundMs, (r: ModelRecord) => r.time);
        const input =
          shape === 'partitions of one source'
            ? flow.from('input', memoryPartitions([left, right]), { watermarks })
            : flow.from('left', memory(left), { watermarks }).union(flow.from('right', memory(right), { watermarks }));
        const seen = await runChain(flow, chain(input, one, two), {});
        // Both begin at -Infinity, so the first is read for its whole turn; it ends, then only the second counts.
        const model = new ModelChain(one, two);
        const watermark = new ModelWatermark(boundMs);
        for (const of of left) model.record(of);
        for (const of of right) {
          model.record(of);
          model.watermark(watermark.after(of.time));
        }
        model.watermark(Infinity);
        expect(seen).toEqual(model.take().filter((text) => !text.startsWith('watermark')));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  },
);
