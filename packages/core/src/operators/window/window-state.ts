import type { TimeWindow, WindowElement } from '../../model/index.ts';
import { TimerFields, TimerTimes } from '../timer-times.ts';

/** What a window belongs to. */
export interface WindowOwner {
  readonly key: unknown;
  readonly isEmpty: boolean;
  remove(window: WindowState): void;
}

/** Numbers of a window: five are used, eight fill a line of the processor's cache. */
export const WINDOW_NUMBERS = 8;

/** The timers of processing time of a window. */
export class ProcessingTimes extends TimerFields {
  readonly window: WindowState;

  constructor(window: WindowState) {
    super();
    this.window = window;
  }
}

/**
 * Everything about one window of one key. It is the owner of its event timers itself: there may be millions, and most have
 * no other timers.
 */
export class WindowState extends TimerTimes implements TimeWindow {
  entry: WindowOwner;
  /** Where its numbers stand: as fields each would be a heap object of its own, and a record touches all of them. */
  private readonly page: Float64Array;
  private readonly at: number;
  /** Row of its accumulators in the pool; -1: nothing was added. */
  row = -1;
  /** Its records, where they are kept; `undefined`: nothing was added. */
  elements: WindowElement<unknown>[] | undefined = undefined;
  /** Records counted as buffered here. */
  records = 0;
  triggerState: unknown = undefined;
  /** Whether the trigger took back the timer of that moment: everything still goes then, but it is not asked. */
  cleanupSilent = false;
  /** States of the window function, by index. */
  states: unknown[] | undefined = undefined;
  /** Whether it is still part of the operator's state. */
  alive = true;
  /** Timers of processing time; most windows have none. */
  processing: ProcessingTimes | undefined = undefined;

  /** @param page holds its numbers, from `at` on */
  constructor(entry: WindowOwner, page: Float64Array, at: number) {
    super();
    this.entry = entry;
    this.page = page;
    this.at = at;
    this.armedAt = Infinity;
    this.earliest = Infinity;
    this.cleanupAt = Infinity;
  }

  get start(): number {
    return this.page[this.at] as number;
  }

  set start(timeMs: number) {
    this.page[this.at] = timeMs;
  }

  get end(): number {
    return this.page[this.at + 1] as number;
  }

  set end(timeMs: number) {
    this.page[this.at + 1] = timeMs;
  }

  /** When everything goes, by the clock of the windows; +Infinity: never, or not registered yet. */
  get cleanupAt(): number {
    return this.page[this.at + 2] as number;
  }

  set cleanupAt(timeMs: number) {
    this.page[this.at + 2] = timeMs;
  }

  get armedAt(): number {
    return this.page[this.at + 3] as number;
  }

  set armedAt(timeMs: number) {
    this.page[this.at + 3] = timeMs;
  }

  get earliest(): number {
    return this.page[this.at + 4] as number;
  }

  set earliest(timeMs: number) {
    this.page[this.at + 4] = timeMs;
  }

  /** Forgets everything but where it stood. */
  reset(): void {
    this.clear();
    this.armedAt = Infinity;
    this.row = -1;
    this.elements = undefined;
    this.records = 0;
    this.triggerState = undefined;
    this.cleanupAt = Infinity;
    this.cleanupSilent = false;
    this.states = undefined;
    this.alive = false;
    this.processing?.clear();
    this.processing = undefined;
  }

  /** The window as programs see it. */
  get plain(): TimeWindow {
    return { start: this.start, end: this.end };
  }

  /** The window that these timers are of. */
  get window(): this {
    return this;
  }

  processingTimers(): ProcessingTimes {
    return (this.processing ??= new ProcessingTimes(this));
  }

  /** Whether nothing at all is remembered of it. */
  get isBlank(): boolean {
    if (this.row >= 0 || this.elements !== undefined || this.triggerState !== undefined) return false;
    if (this.cleanupAt < Infinity || this.size > 0 || (this.processing?.size ?? 0) > 0) return false;
    return this.states?.every((state) => state === undefined) ?? true;
  }
}
