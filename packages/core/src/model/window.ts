/** A stretch of event time, `[start, end)` in epoch milliseconds. Its last timestamp is `end - 1` (R1). */
export interface TimeWindow {
  readonly start: number;
  readonly end: number;
}

/** What an aggregated window emits. `key` is `null` for `windowAll`. */
export interface WindowResult<K, V> {
  readonly key: K;
  readonly window: TimeWindow;
  readonly value: V;
}

/** Windows of one length that follow each other without gap or overlap. Made by `tumbling(size, { offset })`. */
export interface TumblingWindows {
  readonly kind: 'tumbling';
  readonly time: 'event';
  readonly sizeMs: number;
  readonly offsetMs: number;
}

/** Windows whose edges are event times: they need a stream with timestamps. */
export type EventTimeWindows = TumblingWindows;
