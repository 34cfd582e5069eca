import type { StateSpec, StatesOf } from './keyed-state.ts';
import type { OutputType } from './output-type.ts';
import type { SideOutput } from './side-output.ts';

/** What every callback of a process function may do, for the current key. */
export interface ProcessContext<K, S extends StateSpec, Out> {
  readonly key: K;
  /** Event time now at this operator, epoch ms; -Infinity before the first watermark. */
  readonly watermark: number;
  /** The clock now, epoch ms. */
  readonly processingTime: number;
  /** The states of the function's `state`, of the current key. */
  readonly state: StatesOf<S>;
  /** Emits to the main output (R24: with the timestamp of the record, or of the event timer). */
  emit(value: Out): void;
  /** Emits to a side output. */
  side<T>(tag: SideOutput<T>, value: T): void;
  /** `onEventTimer` is called when the watermark reaches `timeMs`; once, however often it is registered (R25). */
  registerEventTimer(timeMs: number): void;
  deleteEventTimer(timeMs: number): void;
  /** `onProcessingTimer` is called when the clock reaches `timeMs`. */
  registerProcessingTimer(timeMs: number): void;
  deleteProcessingTimer(timeMs: number): void;
}

/** The same while a record is processed. */
export interface RecordContext<K, S extends StateSpec, Out> extends ProcessContext<K, S, Out> {
  /** Event time of the record, epoch ms; NaN if it has none. */
  readonly timestamp: number;
}

/** Callbacks for timers; those left out do nothing. */
export interface TimerCallbacks<K, S extends StateSpec, Out> {
  onEventTimer?(timeMs: number, context: ProcessContext<K, S, Out>): void;
  onProcessingTimer?(timeMs: number, context: ProcessContext<K, S, Out>): void;
}

/**
 * A function with keyed state and timers. Called for one record or timer at a time; everything it remembers stands in
 * `state`.
 *
 * @typeParam K the key
 * @typeParam T the records
 * @typeParam S the states, as descriptors by name
 * @typeParam Out what it emits
 * @example
 * sensors.keyBy((r) => r.sensor).process({
 *   state: { last: valueState<number>() },
 *   emits: typed<{ sensor: string; silentSince: number }>(),
 *   onRecord(reading, ctx) {
 *     ctx.state.last.set(reading.time);
 *     ctx.registerEventTimer(reading.time + 60_000);
 *   },
 *   onEventTimer(time, ctx) {
 *     if (time === (ctx.state.last.get() ?? 0) + 60_000) ctx.emit({ sensor: ctx.key, silentSince: time - 60_000 });
 *   },
 * });
 */
export interface ProcessFunction<K, T, S extends StateSpec, Out> extends TimerCallbacks<K, S, Out> {
  readonly state?: S;
  /** What it emits: `typed<Out>()`. */
  readonly emits?: OutputType<Out>;
  onRecord(value: T, context: RecordContext<K, S, Out>): void;
}

/** A process function of two streams with one key: both callbacks see the same state and timers. */
export interface CoProcessFunction<K, T1, T2, S extends StateSpec, Out> extends TimerCallbacks<K, S, Out> {
  readonly state?: S;
  /** What it emits: `typed<Out>()`. */
  readonly emits?: OutputType<Out>;
  onRecord1(value: T1, context: RecordContext<K, S, Out>): void;
  onRecord2(value: T2, context: RecordContext<K, S, Out>): void;
}
