/** A stretch of event time, `[start, end)` in epoch milliseconds. Its last timestamp is `end - 1` (R1). */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** The one window of `globalWindow()`: `start` is -Infinity, `end` +Infinity. */
export const GLOBAL_WINDOW: TimeWindow = Object.freeze({ start: -Infinity, end: Infinity });

/** What an aggregated window emits. `key` is `null` for `windowAll`. */
export interface WindowResult<K, V> {
  readonly key: K;
  readonly window: TimeWindow;
  readonly value: V;
}

/** The clock by which windows end: event time, processing time, or none at all. */
export type WindowTime = 'event' | 'processing' | 'none';

/**
 * Says into which windows a record falls. Frozen data plus one pure function. Made by `tumbling`, `sliding`, `session`,
 * `globalWindow`, their processing-time twins and `customWindow`.
 *
 * @typeParam T the records it can assign
 */
export interface WindowAssigner<in T> {
  readonly kind: 'tumbling' | 'sliding' | 'session' | 'global' | 'custom';
  readonly time: WindowTime;
  /** What it is, for people: `tumbling(5m)`. */
  readonly describe: string;
  /** Windows that touch become one (R11 to R13). */
  readonly merging: boolean;
  /**
   * The windows of a record, in the order in which they fire if it fires several at once: newest first.
   *
   * @param timestampMs event time of the record; NaN if it has none, which event-time assigners never see
   * @param processingTimeMs the clock now
   */
  assign(value: T, timestampMs: number, processingTimeMs: number): readonly TimeWindow[];
}

/** Windows whose edges are event times: they need a stream with timestamps. */
export interface EventTimeWindows<in T> extends WindowAssigner<T> {
  readonly time: 'event';
}

/** Windows that any stream can have. */
export interface UntimedWindows<in T> extends WindowAssigner<T> {
  readonly time: 'processing' | 'none';
}

/** Windows of one length whose starts are `slideMs` apart; tumbling ones have `slideMs = sizeMs`. */
export interface AlignedWindows extends WindowAssigner<unknown> {
  readonly kind: 'tumbling' | 'sliding';
  readonly time: 'event' | 'processing';
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly offsetMs: number;
}

/** Windows that grow while records come, and end after a gap. */
export interface SessionWindows<in T> extends WindowAssigner<T> {
  readonly kind: 'session';
  readonly time: 'event' | 'processing';
  readonly merging: true;
  /** The gap where it is the same for all records. */
  readonly gapMs: number | undefined;
}

/** One window for ever. */
export interface GlobalWindows extends WindowAssigner<unknown> {
  readonly kind: 'global';
  readonly time: 'none';
  /** Whether it fires by default when the stream ends; otherwise never by itself. */
  readonly firesAtEnd: boolean;
}
