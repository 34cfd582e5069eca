import { GLOBAL_WINDOW, type TimeWindow } from '../model/index.ts';

/** Last timestamp of a window (R1), and that of its results (R24); +Infinity for the global window. */
export function maxTimestamp(window: TimeWindow): number {
  return window.end - 1;
}

/** Whether two windows merge: they overlap or touch (R11). */
export function touches(a: TimeWindow, b: TimeWindow): boolean {
  return a.start <= b.end && a.end >= b.start;
}

/** The smallest window that holds both (R12). */
export function cover(a: TimeWindow, b: TimeWindow): TimeWindow {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** The only value of `globalWindow().assign`. */
export const GLOBAL_WINDOWS: readonly TimeWindow[] = Object.freeze([GLOBAL_WINDOW]);
