import { WINDOW_NUMBERS, WindowState, type WindowOwner } from './window-state.ts';

/** Windows kept for reuse: some 20 MB. Beyond that the collector may have them. */
const POOLED_MAX = 65_536;

/** Windows whose numbers share a page. */
const PAGE_WINDOWS = 64;

/**
 * Makes the windows of an operator, again and again out of the same objects. A window lives long enough to be moved to the
 * old generation before it goes: made anew each time, sessions cost a fifth of all time in garbage collection.
 *
 * A timer index may still hold a window that has gone; it knows by `armedAt` that the place means nothing any more.
 */
export class WindowPool {
  /** Whether windows keep their start, and so can be found by it; those that merge do not. */
  readonly indexed: boolean;
  private readonly free: WindowState[] = [];
  /** Numbers of the windows made last; a page goes with the last of its windows. */
  private page = new Float64Array(0);
  private pageUsed = 0;

  constructor(indexed: boolean) {
    this.indexed = indexed;
  }

  take(entry: WindowOwner, start: number, end: number): WindowState {
    const window = this.free.pop() ?? this.make(entry);
    window.entry = entry;
    window.start = start;
    window.end = end;
    window.alive = true;
    return window;
  }

  private make(entry: WindowOwner): WindowState {
    if (this.pageUsed === this.page.length) {
      this.page = new Float64Array(PAGE_WINDOWS * WINDOW_NUMBERS);
      this.pageUsed = 0;
    }
    const window = new WindowState(entry, this.page, this.pageUsed);
    this.pageUsed += WINDOW_NUMBERS;
    return window;
  }

  /** Takes back a window that nobody will look at again. */
  give(window: WindowState): void {
    if (this.free.length >= POOLED_MAX) return;
    window.reset();
    this.free.push(window);
  }
}
