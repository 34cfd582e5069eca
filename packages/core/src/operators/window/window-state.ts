import type { TimeWindow, WindowElement } from '../../model/index.ts';
import { TimerTimes } from '../timer-times.ts';

/** What a window belongs to. */
export interface WindowOwner {
  readonly key: unknown;
  remove(window: WindowState): void;
}

/** Everything about one window of one key. */
export class WindowState implements TimeWindow {
  readonly entry: WindowOwner;
  start: number;
  end: number;
  /** Row of its accumulators in the pool; -1: nothing was added. */
  row = -1;
  /** Its records, where they are kept; `undefined`: nothing was added. */
  elements: WindowElement<unknown>[] | undefined = undefined;
  /** Records counted as buffered here. */
  records = 0;
  triggerState: unknown = undefined;
  /** When everything goes, by the clock of the windows; +Infinity: never, or not registered yet. */
  cleanupAt = Infinity;
  /** Whether the trigger took back the timer of that moment: everything still goes then, but it is not asked. */
  cleanupSilent = false;
  /** States of the window function, by index. */
  states: unknown[] | undefined = undefined;
  /** Whether it is still part of the operator's state. */
  alive = true;
  readonly event: TimerTimes<WindowState>;
  /** Most windows have none of these. */
  processing: TimerTimes<WindowState> | undefined = undefined;

  constructor(entry: WindowOwner, start: number, end: number) {
    this.entry = entry;
    this.start = start;
    this.end = end;
    this.event = new TimerTimes<WindowState>(this);
  }

  /** The window as programs see it. */
  get plain(): TimeWindow {
    return { start: this.start, end: this.end };
  }

  processingTimers(): TimerTimes<WindowState> {
    return (this.processing ??= new TimerTimes<WindowState>(this));
  }

  /** Whether nothing at all is remembered of it. */
  get isBlank(): boolean {
    if (this.row >= 0 || this.elements !== undefined || this.triggerState !== undefined) return false;
    if (this.cleanupAt < Infinity || this.event.size > 0 || (this.processing?.size ?? 0) > 0) return false;
    return this.states?.every((state) => state === undefined) ?? true;
  }
}
