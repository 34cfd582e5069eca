import type { RowFunction } from '../../aggregates/index.ts';
import type { OperatorMetrics } from '../../metrics/index.ts';
import type {
  AlignedWindows,
  LateExample,
  Receiver,
  Slice,
  SliceStore,
  StateBackend,
  TimerQueue,
  WindowResult,
} from '../../model/index.ts';
import { canonicalKey, decodeValue, encodeValue } from '../../state/index.ts';
import type { Segment } from '../../time/index.ts';
import type { Joint } from '../joint.ts';
import { LateRecords } from '../late-records.ts';
import { OperatorFailure } from '../operator-failure.ts';
import { RESULTS_PER_STEP } from '../results-per-step.ts';
import type { StepControl } from '../step-control.ts';
import { MergeJobs } from './merge-jobs.ts';
import { SliceBlocks } from './slice-blocks.ts';
import { SliceEdges } from './slice-edges.ts';
import type { WindowFiring } from './window-firing.ts';

/** Rows merged per step: at some 50 to 100 ns each a few tenths of a millisecond. */
const MERGED_ROWS_PER_STEP = 4096;

/** What a window operator on slices is made of. */
export interface SliceWindowOptions {
  readonly name: string;
  readonly windows: AlignedWindows;
  readonly allowedLatenessMs: number;
  /** `undefined`: `windowAll`, whose key is null. */
  readonly keyOf: ((value: unknown) => unknown) | undefined;
  readonly rows: RowFunction;
  readonly project: ((result: WindowResult<unknown, unknown>) => unknown) | undefined;
  readonly input: Segment;
  readonly output: Segment;
  readonly next: Receiver<unknown>;
  /** Late side output; `undefined`: late records are dropped. They are counted either way. */
  readonly late: Receiver<unknown> | undefined;
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
  readonly control: StepControl;
  /** Called with the first late record. */
  readonly onFirstLate: (example: LateExample) => void;
}

/**
 * Tumbling and sliding event-time windows over slices: one map of keys per slice, one update per record whatever size and
 * slide are, no timer per key.
 *
 *          slice [0, 5m)              slice [5m, 10m)
 *   records ----->|<----- records ------>|
 *                 ^ fire at 5m - 1                        'fire': end of a window - 1 (R17)
 *                        ^ drop at 5m - 1 + lateness      'drop': clean-up of the last window of a slice (R7, R10)
 *
 * Of the windows of a slice only the first that has not passed has a timer; when a window has fired, the next one gets
 * its own if it holds anything. At one time, firing comes before dropping.
 */
export class SliceWindowOperator implements Receiver<unknown>, Joint {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  private readonly o: SliceWindowOptions;
  private readonly input: Segment;
  private readonly metrics: OperatorMetrics;
  private readonly rows: RowFunction;
  private readonly keyOf: ((value: unknown) => unknown) | undefined;
  private readonly edges: SliceEdges;
  private readonly store: SliceStore<unknown>;
  private readonly fires: TimerQueue;
  private readonly drops: TimerQueue;
  private readonly blocks: SliceBlocks;
  private readonly late: LateRecords;
  private firing: WindowFiring | undefined;
  // The slice of the record before, as numbers beside it: most records fall into it.
  private current: Slice<unknown> | undefined;
  private currentStart = Infinity;
  private currentEnd = -Infinity;
  /** Watermark from which some window of the current slice fires for each record, or takes none. */
  private currentLast = -Infinity;

  constructor(options: SliceWindowOptions) {
    this.o = options;
    this.input = options.input;
    this.inputs = [options.input];
    this.output = options.output;
    this.metrics = options.metrics;
    this.rows = options.rows;
    this.keyOf = options.keyOf;
    this.edges = new SliceEdges(options.windows);
    this.store = options.state.sliceStore('slices', options.rows.layout);
    this.fires = options.state.timers('fire');
    this.drops = options.state.timers('drop');
    this.blocks = new SliceBlocks(this.store, this.edges, options.rows.layout);
    this.late = new LateRecords(options);
  }

  /** The first late record so far. */
  get firstLate(): LateExample | undefined {
    return this.late.first;
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    if (!(timestampMs >= this.currentStart && timestampMs < this.currentEnd) && !this.moveTo(value, timestampMs))
      return;
    if (this.currentLast <= this.input.watermark) {
      this.processBehind(value);
      return;
    }
    this.add(this.current as Slice<unknown>, value);
  }

  sync(): void {
    if (this.input.watermark > this.output.watermark) this.output.watermark = this.input.watermark;
    this.output.idle = this.input.idle;
  }

  lowerAlert(timeMs: number): void {
    this.input.lowerAlert(timeMs);
  }

  announce(): void {
    this.input.lowerAlert(Math.min(this.fires.earliest, this.drops.earliest, this.output.alert));
  }

  advance(): boolean {
    const { input, output } = this;
    if (!this.fireUntil(input.watermark)) return false;
    output.changed = input.watermark > output.watermark || input.idle !== output.idle;
    output.watermark = input.watermark;
    output.idle = input.idle;
    return true;
  }

  /** Fires and drops what is due, in the order of time. Returns whether nothing is left. */
  private fireUntil(watermark: number): boolean {
    let budget = RESULTS_PER_STEP;
    let mergeBudget = MERGED_ROWS_PER_STEP;
    for (;;) {
      if (this.firing !== undefined) {
        mergeBudget = this.firing.jobs?.run(mergeBudget) ?? mergeBudget;
        if (this.firing.jobs?.done === false) return false;
        budget = this.emit(this.firing, budget);
        if (this.firing !== undefined) return false;
      }
      if (this.fires.earliest <= this.drops.earliest) {
        const start = this.fires.takeDue(watermark);
        if (start === undefined) return true;
        this.fire(start);
      } else {
        const start = this.drops.takeDue(watermark);
        if (start === undefined) return true;
        this.drop(this.store.get(start) as Slice<unknown>);
      }
    }
  }

  /** Begins to fire a window, and sees to it that the next one is fired, too. */
  private fire(start: number): void {
    const { edges } = this;
    const jobs = new MergeJobs(this.rows, copyOf);
    const parts = this.blocks.partsOf(edges.slideIndex(start), jobs);
    const only = parts.length === 1 ? parts[0] : undefined;
    const result = only ?? this.blocks.scratch();
    if (only === undefined) for (const part of parts) jobs.add(part, result);
    const end = start + edges.sizeMs;
    this.firing = { start, end, result, jobs: jobs.done ? undefined : jobs, row: 0 };
    if (this.holdsFrom(start + edges.slideMs, end))
      this.register(this.fires, end - 1 + edges.slideMs, start + edges.slideMs);
  }

  /** Whether any slice begins within [from, to). Looked for backwards: the newest are the most likely to be there. */
  private holdsFrom(from: number, to: number): boolean {
    const { edges } = this;
    for (let slide = edges.slideStart(to - 1); slide >= from; slide -= edges.slideMs) {
      if (this.store.get(slide) !== undefined) return true;
      if (edges.cutMs > 0 && slide + edges.cutMs < to && this.store.get(slide + edges.cutMs) !== undefined) return true;
    }
    return false;
  }

  /** Makes the slice of `timestampMs` the current one. Returns false if the record is dealt with: it enters no window. */
  private moveTo(value: unknown, timestampMs: number): boolean {
    if (!Number.isFinite(timestampMs)) this.refuse(timestampMs);
    const start = this.edges.sliceStart(timestampMs);
    const slice = Number.isNaN(start) ? undefined : (this.store.get(start) ?? this.open(start));
    if (slice === undefined) {
      this.skip(value, timestampMs);
      return false;
    }
    this.current = slice;
    this.currentStart = slice.start;
    this.currentEnd = slice.end;
    this.currentLast = this.edges.oldestWindow(slice.start, slice.end) + this.edges.sizeMs - 1;
    return true;
  }

  /** A new slice with its timers; `undefined` if its time is over (R7). */
  private open(start: number): Slice<unknown> | undefined {
    const { edges, input } = this;
    const end = edges.sliceEnd(start);
    const newest = edges.slideStart(start);
    const cleanup = this.cleanupOf(newest + edges.sizeMs);
    if (cleanup <= input.watermark) return undefined;
    let first = edges.oldestWindow(start, end);
    const passed = input.watermark - (first + edges.sizeMs - 1);
    if (passed >= 0) first += (Math.floor(passed / edges.slideMs) + 1) * edges.slideMs;
    if (first <= newest) this.register(this.fires, first + edges.sizeMs - 1, first);
    if (cleanup < Infinity) this.register(this.drops, cleanup, start);
    return this.store.create(start, end);
  }

  /** Last moment of a window's state; beyond the safe integers it is never cleaned up (R7). */
  private cleanupOf(end: number): number {
    const cleanup = end - 1 + this.o.allowedLatenessMs;
    return Number.isSafeInteger(cleanup) ? cleanup : Infinity;
  }

  private register(queue: TimerQueue, timeMs: number, namespace: number): void {
    queue.register(timeMs, namespace);
    this.input.lowerAlert(timeMs);
  }

  /**
   * The watermark has passed the end of some window of the slice: the record is late but allowed for it (R8, R9). It is not
   * late for all of them: with its last window the slice is dropped.
   */
  private processBehind(value: unknown): void {
    const { edges, input } = this;
    const slice = this.current as Slice<unknown>;
    const newest = edges.slideStart(slice.start);
    const key = slice.keyAt(this.add(slice, value));
    this.blocks.forget(edges.slideIndex(newest));
    this.sync();
    const oldest = edges.oldestWindow(slice.start, slice.end);
    let failure: OperatorFailure | undefined;
    for (let start = newest; start >= oldest; start -= edges.slideMs) {
      const end = start + edges.sizeMs;
      if (end - 1 > input.watermark || this.cleanupOf(end) <= input.watermark) continue;
      try {
        this.emitKey(start, end, key);
      } catch (thrown) {
        if (!(thrown instanceof OperatorFailure)) throw thrown;
        failure ??= thrown;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** One window for one key, over all of its slices. */
  private emitKey(start: number, end: number, key: unknown): void {
    const parts = this.blocks.partsOf(this.edges.slideIndex(start), undefined);
    const rows = parts.map((part) => part.find(key));
    const found = rows.filter((row) => row >= 0).length;
    if (found === 1) {
      const at = rows.findIndex((row) => row >= 0);
      this.emitOne(start, end, parts[at] as Slice<unknown>, rows[at] as number);
      return;
    }
    const merged = this.blocks.scratch();
    const row = merged.upsert(key);
    parts.forEach((part, i) => {
      const from = rows[i] as number;
      if (from >= 0) this.rows.merge(merged, row, part, from, copyOf);
    });
    this.emitOne(start, end, merged, row);
  }

  private emitOne(start: number, end: number, slice: Slice<unknown>, row: number): void {
    try {
      this.emitRow(start, end, slice, row);
    } catch (cause) {
      throw this.failureOf(cause, start, end, slice, row);
    }
  }

  private add(slice: Slice<unknown>, value: unknown): number {
    try {
      let key: unknown = null;
      if (this.keyOf !== undefined) {
        key = this.keyOf(value);
        if (typeof key !== 'string' && typeof key !== 'number') key = canonicalKey(key);
      }
      const row = this.rows.add(slice, key, value);
      slice.records++;
      this.metrics.buffered++;
      return row;
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.o.name, what: 'key selector or aggregate', cause });
    }
  }

  /** A record that enters no window: it is late, or came between windows that leave gaps (R8). */
  private skip(value: unknown, timestampMs: number): void {
    const { edges, input } = this;
    if (timestampMs + this.o.allowedLatenessMs > input.watermark) {
      this.metrics.filtered++;
      return;
    }
    this.sync();
    const start = edges.slideStart(timestampMs);
    this.late.take(value, timestampMs, input.watermark, { start, end: start + edges.sizeMs });
  }

  /** Emits rows of the firing window; clears `firing` after the last one. Returns what is left of the budget. */
  private emit(firing: WindowFiring, budget: number): number {
    const { start, end, result } = firing;
    let left = budget;
    try {
      while (firing.row < result.size) {
        if (left === 0 || this.o.control.interrupted) return left;
        left--;
        this.emitRow(start, end, result, firing.row++);
      }
    } catch (cause) {
      throw this.failureOf(cause, start, end, result, firing.row - 1);
    }
    this.firing = undefined;
    return left;
  }

  private failureOf(cause: unknown, start: number, end: number, slice: Slice<unknown>, row: number): unknown {
    return OperatorFailure.during(cause, () => {
      const contents = this.rows.result(slice, row);
      return { operator: this.o.name, key: slice.keyAt(row), window: { start, end }, contents };
    });
  }

  private emitRow(start: number, end: number, slice: Slice<unknown>, row: number): void {
    const key = slice.keyAt(row);
    let result: unknown;
    let value: unknown;
    try {
      value = this.rows.result(slice, row);
      const entry = { key, window: { start, end }, value };
      result = this.o.project === undefined ? entry : this.o.project(entry);
    } catch (cause) {
      const window = { start, end };
      throw new OperatorFailure({ operator: this.o.name, what: 'window result', cause, key, window, contents: value });
    }
    this.metrics.out++;
    this.o.next.process(result, end - 1);
  }

  private drop(slice: Slice<unknown>): void {
    this.store.drop(slice.start);
    this.blocks.forget(this.edges.slideIndex(this.edges.slideStart(slice.start)));
    this.metrics.buffered -= slice.records;
    this.metrics.absorbed += slice.records;
    if (slice !== this.current) return;
    this.current = undefined;
    this.currentStart = Infinity;
    this.currentEnd = -Infinity;
  }

  private refuse(timestampMs: number): never {
    this.metrics.deadLettered++;
    const cause = new Error(
      Number.isNaN(timestampMs)
        ? 'the record has no timestamp'
        : `the record has the timestamp ${timestampMs}, as results of global windows have`,
    );
    throw new OperatorFailure({ operator: this.o.name, what: 'window', code: 'RECORD_NO_TIMESTAMP', cause });
  }
}

/** Accumulators are made of what the state codec takes. */
function copyOf(accumulator: unknown): unknown {
  return decodeValue(encodeValue(accumulator));
}
