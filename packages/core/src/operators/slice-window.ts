import type { RowFunction } from '../aggregates/index.ts';
import type { OperatorMetrics } from '../metrics/index.ts';
import type {
  LateExample,
  OperatorCell,
  Receiver,
  Slice,
  SliceStore,
  StateBackend,
  TimerQueue,
  TumblingWindows,
  WindowResult,
} from '../model/index.ts';
import { decodeTime, encodeTime, type EncodedTime, type Segment } from '../time/index.ts';
import { windowStart } from '../windows/index.ts';
import type { Joint } from './joint.ts';
import { OperatorFailure } from './operator-failure.ts';
import { RESULTS_PER_STEP } from './results-per-step.ts';
import type { StepControl } from './step-control.ts';

/** What a window operator is made of. */
export interface SliceWindowOptions {
  readonly name: string;
  readonly windows: TumblingWindows;
  readonly allowedLatenessMs: number;
  readonly keyOf: (value: unknown) => unknown;
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

/** As a mapped type it is a `JsonValue`, which an interface is not; the watermark may be +Infinity, which JSON has not. */
type FirstLate = { readonly [key in keyof LateExample]: EncodedTime } | null;

/** A window that is firing: rows from `row` on are still to be emitted. */
interface Firing {
  readonly slice: Slice<unknown>;
  row: number;
}

/**
 * Tumbling event-time windows over slices: one map of keys per window, no timer per key.
 *
 *          slice [0, 5m)              slice [5m, 10m)
 *   records ----->|<----- records ------>|
 *                 ^ fire at 5m - 1                      timers 'fire': end - 1 (R17)
 *                        ^ clean up at 5m - 1 + lateness     'clean': end - 1 + allowed lateness (R7, R10)
 *
 * With lateness 0 both are one timer: it fires, then cleans up.
 */
export class SliceWindowOperator implements Receiver<unknown>, Joint {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  private readonly o: SliceWindowOptions;
  private readonly input: Segment;
  private readonly metrics: OperatorMetrics;
  private readonly rows: RowFunction;
  private readonly keyOf: (value: unknown) => unknown;
  private readonly store: SliceStore<unknown>;
  private readonly timers: TimerQueue;
  private readonly firstLateCell: OperatorCell<FirstLate>;
  private firing: Firing | undefined;
  // The slice of the record before, as numbers beside it: most records fall into it.
  private current: Slice<unknown> | undefined;
  private currentStart = Infinity;
  private currentEnd = -Infinity;
  /** Watermark from which the current slice fires for each record, or no longer takes any; whichever is lower. */
  private currentLast = -Infinity;

  constructor(options: SliceWindowOptions) {
    this.o = options;
    this.input = options.input;
    this.inputs = [options.input];
    this.output = options.output;
    this.metrics = options.metrics;
    this.rows = options.rows;
    this.keyOf = options.keyOf;
    this.store = options.state.sliceStore('slices', options.rows.layout);
    this.timers = options.state.timers('timers');
    this.firstLateCell = options.state.cell<FirstLate>('firstLate', null);
  }

  /** The first late record so far. */
  get firstLate(): LateExample | undefined {
    const saved = this.firstLateCell.get();
    if (saved === null) return undefined;
    const { timestamp, watermark, windowStart: start, windowEnd } = saved;
    return {
      timestamp: decodeTime(timestamp),
      watermark: decodeTime(watermark),
      windowStart: decodeTime(start),
      windowEnd: decodeTime(windowEnd),
    };
  }

  process(value: unknown, timestampMs: number): void {
    this.metrics.in++;
    if (!(timestampMs >= this.currentStart && timestampMs < this.currentEnd) && !this.moveTo(value, timestampMs))
      return;
    if (this.currentLast <= this.input.watermark) {
      this.processBehind(value, timestampMs);
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
    this.input.lowerAlert(Math.min(this.timers.earliest, this.output.alert));
  }

  advance(): boolean {
    const { watermark } = this.input;
    let budget = RESULTS_PER_STEP;
    for (;;) {
      if (this.firing !== undefined) {
        budget = this.emit(this.firing, budget);
        if (this.firing !== undefined) return false;
      }
      const time = this.timers.earliest;
      const start = this.timers.takeDue(watermark);
      if (start === undefined) break;
      const slice = this.store.get(start) as Slice<unknown>;
      if (time === slice.end - 1) this.firing = { slice, row: 0 };
      else this.drop(slice);
    }
    const { input, output } = this;
    output.changed = watermark > output.watermark || input.idle !== output.idle;
    output.watermark = watermark;
    output.idle = input.idle;
    return true;
  }

  /** Makes the slice of `timestampMs` the current one. Returns false if the record is dealt with: it was late. */
  private moveTo(value: unknown, timestampMs: number): boolean {
    if (Number.isNaN(timestampMs)) {
      this.fail('RECORD_NO_TIMESTAMP', new Error('the record has no timestamp'));
    }
    const { sizeMs, offsetMs } = this.o.windows;
    const start = windowStart(timestampMs, offsetMs, sizeMs);
    const slice = this.store.get(start) ?? this.open(start, start + sizeMs);
    if (slice === undefined) {
      this.takeLate(value, timestampMs, start);
      return false;
    }
    this.current = slice;
    this.currentStart = slice.start;
    this.currentEnd = slice.end;
    this.currentLast = slice.end - 1;
    return true;
  }

  /** A new slice with its timers; `undefined` if its time is over (R7). */
  private open(start: number, end: number): Slice<unknown> | undefined {
    const { watermark } = this.input;
    const cleanup = this.cleanupOf(end);
    if (cleanup <= watermark) return undefined;
    if (end - 1 > watermark) this.register(end - 1, start);
    if (cleanup !== end - 1 && cleanup < Infinity) this.register(cleanup, start);
    return this.store.create(start, end);
  }

  /** Last moment of a window's state; beyond the safe integers it is never cleaned up (R7). */
  private cleanupOf(end: number): number {
    const cleanup = end - 1 + this.o.allowedLatenessMs;
    return Number.isSafeInteger(cleanup) ? cleanup : Infinity;
  }

  private register(timeMs: number, start: number): void {
    this.timers.register(timeMs, start);
    this.input.lowerAlert(timeMs);
  }

  /** The watermark has passed the window's end: late, or late but allowed (R9). */
  private processBehind(value: unknown, timestampMs: number): void {
    const slice = this.current as Slice<unknown>;
    if (this.cleanupOf(slice.end) <= this.input.watermark) {
      this.takeLate(value, timestampMs, slice.start);
      return;
    }
    const row = this.add(slice, value);
    this.sync();
    this.emitRow(slice, row);
  }

  private add(slice: Slice<unknown>, value: unknown): number {
    try {
      const key = this.keyOf(value);
      if (typeof key !== 'string' && typeof key !== 'number') refuseKey(key);
      const row = this.rows.add(slice, key, value);
      slice.records++;
      this.metrics.buffered++;
      return row;
    } catch (cause) {
      this.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.o.name, what: 'key selector or aggregate', cause });
    }
  }

  private takeLate(value: unknown, timestampMs: number, start: number): void {
    this.metrics.late++;
    if (this.firstLateCell.get() === null) {
      const { watermark } = this.input;
      const example = {
        timestamp: timestampMs,
        watermark,
        windowStart: start,
        windowEnd: start + this.o.windows.sizeMs,
      };
      this.firstLateCell.set({ ...example, watermark: encodeTime(watermark) });
      this.o.onFirstLate(example);
    }
    if (this.o.late !== undefined) {
      this.sync();
      this.o.late.process(value, timestampMs);
    }
  }

  /** Emits rows of the firing slice; clears `firing` after the last one. Returns what is left of the budget. */
  private emit(firing: Firing, budget: number): number {
    const { slice } = firing;
    let left = budget;
    while (firing.row < slice.size) {
      if (left === 0 || this.o.control.interrupted) return left;
      left--;
      this.emitRow(slice, firing.row++);
    }
    this.firing = undefined;
    if (this.cleanupOf(slice.end) === slice.end - 1) this.drop(slice);
    return left;
  }

  private emitRow(slice: Slice<unknown>, row: number): void {
    const key = slice.keyAt(row);
    let result: unknown;
    try {
      const value = this.rows.result(slice, row);
      const entry = { key, window: { start: slice.start, end: slice.end }, value };
      result = this.o.project === undefined ? entry : this.o.project(entry);
    } catch (cause) {
      const window = { start: slice.start, end: slice.end };
      throw new OperatorFailure({ operator: this.o.name, what: 'window result', cause, key, window });
    }
    this.metrics.out++;
    this.o.next.process(result, slice.end - 1);
  }

  private drop(slice: Slice<unknown>): void {
    this.store.drop(slice.start);
    this.metrics.buffered -= slice.records;
    this.metrics.absorbed += slice.records;
    if (slice !== this.current) return;
    this.current = undefined;
    this.currentStart = Infinity;
    this.currentEnd = -Infinity;
  }

  private fail(code: 'RECORD_NO_TIMESTAMP', cause: Error): never {
    this.metrics.deadLettered++;
    throw new OperatorFailure({ operator: this.o.name, what: 'window', code, cause });
  }
}

/** `windowAll` has the one key null. */
function refuseKey(key: unknown): void {
  if (key === null) return;
  throw new TypeError(
    `the key is ${typeof key === 'object' ? 'an object' : String(key)}, but must be text or a number`,
  );
}
