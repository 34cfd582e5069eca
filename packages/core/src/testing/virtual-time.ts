import { MinHeap } from '../internal/heap.ts';
import type { Cancellable, Clock, Scheduler } from '../model/index.ts';

/** Timers that may fire in one `advanceTo`; a timer that sets itself again at once would otherwise fire for ever. */
const FIRINGS_MAX = 1_000_000;

interface VirtualTimer {
  task: (() => void) | undefined;
}

/**
 * A clock and a scheduler whose time moves only when the test moves it. Timers fire in order of their time, equal ones in
 * the order in which they were set; `now()` is then the time of the timer.
 *
 * @example
 * const time = new VirtualTime();
 * time.after(100, () => console.log(time.now())); // 100
 * time.advance(250);
 * time.now(); // 250
 */
export class VirtualTime implements Clock, Scheduler {
  private readonly startMs: number;
  private current: number;
  private readonly timers = new MinHeap<VirtualTimer>();
  private deferred: (() => void)[] = [];

  /** @param startMs what `now()` says at first, epoch milliseconds; `monotonic()` begins at 0 */
  constructor(startMs: number = 0) {
    this.startMs = startMs;
    this.current = startMs;
  }

  now(): number {
    return this.current;
  }

  monotonic(): number {
    return this.current - this.startMs;
  }

  /** Runs at the next `runDeferred()`. */
  defer(task: () => void): void {
    this.deferred.push(task);
  }

  after(delayMs: number, task: () => void): Cancellable {
    const timer: VirtualTimer = { task };
    this.timers.push(this.current + Math.max(0, delayMs), timer);
    return { cancel: () => void (timer.task = undefined) };
  }

  /** Time of the next timer, or +Infinity. */
  get nextTimer(): number {
    while (this.timers.peek() !== undefined && this.timers.peek()?.task === undefined) this.timers.pop();
    return this.timers.minimum;
  }

  /** Runs what was deferred so far, in order. What these tasks defer waits for the next call. Returns how many ran. */
  runDeferred(): number {
    const tasks = this.deferred;
    this.deferred = [];
    for (const task of tasks) task();
    return tasks.length;
  }

  /** Moves time on by `ms` milliseconds and fires the timers on the way. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`advance(${ms}): time goes forward only; give 0 or more milliseconds`);
    this.advanceTo(this.current + ms);
  }

  /** Moves time on to `timeMs` and fires the timers on the way. */
  advanceTo(timeMs: number): void {
    if (!(timeMs >= this.current) || timeMs === Infinity) {
      throw new RangeError(`advanceTo(${timeMs}): it is ${this.current} already, and time goes forward only`);
    }
    for (let firings = 0; this.nextTimer <= timeMs; firings++) {
      if (firings >= FIRINGS_MAX) throw new Error(`${FIRINGS_MAX} timers fired up to ${this.current}: one sets itself`);
      this.current = Math.max(this.current, this.timers.minimum);
      const timer = this.timers.pop();
      timer?.task?.();
    }
    this.current = timeMs;
  }
}
