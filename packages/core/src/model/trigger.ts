import type { TimeWindow } from './window.ts';

/** What happens to a window: nothing, its result is emitted, its contents are dropped, or the two in this order. */
export type TriggerResult = 'continue' | 'fire' | 'purge' | 'fireAndPurge';

/**
 * What a trigger knows and may do, for one key and window.
 *
 * @typeParam S what the trigger remembers per key and window; it goes into state
 */
export interface TriggerContext<S> {
  /** Event time now, epoch ms; -Infinity before the first watermark. */
  readonly watermark: number;
  /** The clock now, epoch ms. */
  readonly processingTime: number;
  /** What the trigger remembers; `undefined` at first and after it was set to `undefined`. */
  state: S | undefined;
  /** `onEventTime` is called when the watermark reaches `timeMs` (R22); for a time already passed at its next advance (R25). */
  registerEventTimer(timeMs: number): void;
  deleteEventTimer(timeMs: number): void;
  /** `onProcessingTime` is called when the clock reaches `timeMs`. */
  registerProcessingTimer(timeMs: number): void;
  deleteProcessingTimer(timeMs: number): void;
}

/** The same when windows merge: `state` and timers are those of the merged window, which has none at first. */
export interface TriggerMergeContext<S> extends TriggerContext<S> {
  /** What the trigger remembered of the merged windows; those of which it remembered nothing are left out. */
  readonly merged: readonly S[];
}

/**
 * Decides when a window emits. One object serves all keys and windows: what it must remember goes into `context.state`.
 *
 * The operator calls, per record of a window: `onElement`. When a timer of the window is due: `onEventTime`,
 * `onProcessingTime`; every timer of the trigger and the clean-up timer of the window are offered, so compare the time.
 * When windows merge (R12): `onMerge` on the merged window, then `clear` on each part; a trigger without `onMerge` is refused for
 * merging windows when planned (R16). When the window is cleaned up: `clear`.
 *
 * @typeParam T the records
 * @typeParam S what it remembers per key and window
 * @example
 * const everyTenth: Trigger<unknown, number> = {
 *   describe: 'everyTenth',
 *   onElement: (_value, _timestamp, _window, context) => {
 *     context.state = (context.state ?? 0) + 1;
 *     if (context.state < 10) return 'continue';
 *     context.state = undefined;
 *     return 'fire';
 *   },
 *   onEventTime: () => 'continue',
 *   onProcessingTime: () => 'continue',
 *   clear: (_window, context) => void (context.state = undefined),
 * };
 */
export interface Trigger<in T, S = unknown> {
  /** What it is, for people: `countTrigger(10)`. */
  readonly describe: string;
  onElement(value: T, timestampMs: number, window: TimeWindow, context: TriggerContext<S>): TriggerResult;
  onEventTime(timeMs: number, window: TimeWindow, context: TriggerContext<S>): TriggerResult;
  onProcessingTime(timeMs: number, window: TimeWindow, context: TriggerContext<S>): TriggerResult;
  onMerge?(window: TimeWindow, context: TriggerMergeContext<S>): void;
  clear(window: TimeWindow, context: TriggerContext<S>): void;
  /** Whether its firings drop what the window holds, so that a window without end stays small. Default: not known. */
  readonly purges?: boolean;
  /**
   * Whether it can serve these windows at all; returns what is wrong and the cure, or `undefined`. Default: it can.
   *
   * @param merging whether the windows merge
   */
  refuses?(merging: boolean): string | undefined;
}
