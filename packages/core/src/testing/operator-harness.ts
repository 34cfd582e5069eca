import type { DataStream } from '../api/index.ts';
import { dataflow } from '../job.ts';
import type { SideOutput, Sink } from '../model/index.ts';
import { plan, type WindowPath } from '../plan/index.ts';
import { HandFedSource } from './hand-fed-source.ts';
import { pipelineDriver, type DriverOptions, type PipelineDriver } from './pipeline-driver.ts';
import type { PipelineSnapshot } from './snapshot-json.ts';

/** One thing that came out: a record of the main output, one of a side output, a watermark, a change of idleness. */
export type HarnessOutput<Out = unknown> =
  | { readonly record: Out; readonly timestamp: number }
  | { readonly side: string; readonly record: unknown; readonly timestamp: number }
  | { readonly watermark: number }
  | { readonly status: 'idle' | 'active' };

/** A stream and further streams to be captured as side outputs by name, for what `sides` cannot reach. */
export interface HarnessOutputs<Out> {
  readonly output: DataStream<Out>;
  // Streams of whatever: `DataStream<unknown>` would refuse every other.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly sides: Readonly<Record<string, DataStream<any>>>;
}

/** Options of `operatorHarness`. */
export interface HarnessOptions extends Omit<DriverOptions, 'batchRecords' | 'reluctantSinks'> {
  /** Side outputs of the returned stream that are captured. */
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly sides?: readonly SideOutput<any>[];
  /**
   * When timers of processing time fire that were registered for a time already passed: `'atOnce'` as in a job (default),
   * or `'whenTimeMoves'`, at the next `processingTime(...)`.
   */
  readonly overdueTimers?: 'atOnce' | 'whenTimeMoves';
}

/** How much state there is. */
export interface StateSize {
  /** Entries of keyed state. Timers of keys and windows are part of their entries. */
  readonly entries: number;
  readonly timers: number;
}

type SourceTask = PipelineDriver['core']['sources'][number];

const OUTPUT = 'output';

/**
 * Puts one operator, or any piece of a pipeline, under test: records, watermarks and time go in by hand, everything that
 * comes out is captured in order. The piece is built with the public API and planned as any program is.
 *
 * @param build makes the piece under test out of its input; with two parameters out of two inputs, numbered 0 and 1
 * @example
 * const harness = await operatorHarness((input: DataStream<number, true>) =>
 *   input.windowAll(tumbling(10)).aggregate({ n: count() }, (r) => r.value.n));
 * harness.push(7, 3);
 * harness.watermark(9);
 * harness.takeOutputs(); // [{ record: 1, timestamp: 9 }, { watermark: 9 }]
 */
export async function operatorHarness<In, Out>(
  build: (input: DataStream<In, true>, second: DataStream<In, true>) => DataStream<Out> | HarnessOutputs<Out>,
  options: HarnessOptions = {},
): Promise<OperatorHarness<In, Out>> {
  const flow = dataflow('harness');
  const feeds = build.length > 1 ? [new HandFedSource<In>(), new HandFedSource<In>()] : [new HandFedSource<In>()];
  const outputs: HarnessOutput<Out>[] = [];
  const [first, second = first] = feeds.map((feed, i) =>
    flow.from(i === 0 ? 'input' : 'second', feed, { watermarks: feed.watermarks }),
  );
  // There is at least one feed.
  const input = first as DataStream<In, true>;
  const built = build(input, second ?? input);
  const { output, sides } = 'output' in built ? built : { output: built, sides: {} };
  output.to(
    OUTPUT,
    capture<Out>((record, timestamp) => outputs.push({ record, timestamp })),
  );
  const named = [
    ...(options.sides ?? []).map((tag) => [tag.name, output.side(tag)] as const),
    ...Object.entries(sides),
  ];
  for (const [side, stream] of named) {
    stream.to(
      `side ${side}`,
      capture<unknown>((record, timestamp) => outputs.push({ side, record, timestamp })),
    );
  }
  const { operators } = plan(flow.graph(), options);
  const sink = operators.find(({ node }) => node.kind === 'sink' && node.name === OUTPUT);
  const driver = await pipelineDriver(flow, options);
  driver.core.task.holdsProcessingTimers = options.overdueTimers === 'whenTimeMoves';
  const paths = operators.flatMap(({ windowPath }) => (windowPath === undefined ? [] : [windowPath]));
  return new OperatorHarness(driver, feeds, outputs, sink?.inputSegments[0] as number, paths);
}

function capture<T>(write: (value: T, timestampMs: number) => void): Sink<T> {
  const done = (): Promise<void> => Promise.resolve();
  const writer = { buffered: 0, write, ready: () => true, flush: done, finish: done, abort: done };
  return { kind: 'capture', open: () => Promise.resolve(writer) };
}

/** A piece of a pipeline in the hands of a test. Made by `operatorHarness`. When a call returns, all it caused is there. */
export class OperatorHarness<In, Out> {
  readonly driver: PipelineDriver;
  /** How the windows under test keep their state, from source to sink. */
  readonly windowPaths: readonly WindowPath[];
  private readonly feeds: readonly HandFedSource<In>[];
  private readonly outputs: HarnessOutput<Out>[];
  private readonly segment: { readonly watermark: number; readonly idle: boolean };
  private watermarkBefore: number;
  private idleBefore: boolean;

  /** @internal Use `operatorHarness`. */
  constructor(
    driver: PipelineDriver,
    feeds: readonly HandFedSource<In>[],
    outputs: HarnessOutput<Out>[],
    segment: number,
    windowPaths: readonly WindowPath[],
  ) {
    this.driver = driver;
    this.windowPaths = windowPaths;
    this.feeds = feeds;
    this.outputs = outputs;
    this.segment = driver.core.built.segments[segment] as OperatorHarness<In, Out>['segment'];
    this.watermarkBefore = this.segment.watermark;
    this.idleBefore = this.segment.idle;
  }

  /** One record. `timestamp` NaN: none, which is an error of the record for event-time windows (R3). */
  push(value: In, timestamp: number, input: number = 0): void {
    this.feedOf(input).feed(value, timestamp);
    this.run();
  }

  /** Several records in one batch. */
  pushAll(records: Iterable<readonly [value: In, timestamp: number]>, input: number = 0): void {
    for (const [value, timestamp] of records) this.feedOf(input).feed(value, timestamp);
    this.run();
  }

  /** Event time comes to `ms`; +Infinity: its end. One that is not above the last changes nothing. An idle mark stays. */
  watermark(ms: number, input: number = 0): void {
    const { coalescer } = this.sourceOf(input);
    const idle = coalescer.isIdle(0);
    coalescer.update(0, ms);
    coalescer.setIdle(0, idle);
    this.raise(input);
  }

  /** The input is idle from here on. A harness restored from a snapshot must be told again. */
  idle(input: number = 0): void {
    this.sourceOf(input).coalescer.setIdle(0, true);
    this.raise(input);
  }

  /** The input is no longer idle. */
  active(input: number = 0): void {
    this.sourceOf(input).coalescer.setIdle(0, false);
    this.raise(input);
  }

  /** The input has ended: assigners of timestamps emit once more. The last watermark is not part of it. */
  finish(): void {
    for (const origin of this.driver.core.built.timeOrigins) origin.finish();
    this.run();
  }

  /** The clock jumps to `ms`; everything due runs. */
  processingTime(ms: number): void {
    const { task } = this.driver.core;
    const { holdsProcessingTimers } = task;
    this.driver.time.advanceTo(ms);
    task.holdsProcessingTimers = false;
    this.run();
    task.holdsProcessingTimers = holdsProcessingTimers;
  }

  /** What came out since the last call, in order; watermarks stand behind the results they caused. */
  takeOutputs(): HarnessOutput<Out>[] {
    return this.outputs.splice(0);
  }

  /** The state of everything under test. */
  snapshot(): PipelineSnapshot {
    return this.driver.core.snapshot();
  }

  /** How many entries and timers are kept now. */
  stateSize(): StateSize {
    let entries = 0;
    let timers = 0;
    for (const operator of this.snapshot().operators) {
      for (const state of operator.state.states) {
        if (state.kind === 'slices' || state.kind === 'keyed') entries += state.entries.length;
        if (state.kind === 'timers') timers += state.timers.length;
      }
    }
    return { entries, timers };
  }

  private feedOf(input: number): HandFedSource<In> {
    return this.feeds[input] as HandFedSource<In>;
  }

  private sourceOf(input: number): SourceTask {
    return this.driver.core.sources[input] as SourceTask;
  }

  private raise(input: number): void {
    const source = this.sourceOf(input);
    const { coalescer, segment } = source;
    if (coalescer.watermark <= segment.watermark && coalescer.idle === segment.idle) return;
    source.raiseTo = Math.max(coalescer.watermark, segment.watermark);
    this.run();
  }

  private run(): void {
    this.driver.runUntilWaiting();
    this.noteEventTime();
  }

  /** Active comes before the watermark that it allows, idle after the last one (R30, R32). */
  private noteEventTime(): void {
    const { watermark, idle } = this.segment;
    if (this.idleBefore && !idle) this.outputs.push({ status: 'active' });
    if (watermark > this.watermarkBefore) this.outputs.push({ watermark });
    if (!this.idleBefore && idle) this.outputs.push({ status: 'idle' });
    this.watermarkBefore = watermark;
    this.idleBefore = idle;
  }
}
