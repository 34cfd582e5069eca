import { WindowState, type WindowOwner } from './window-state.ts';

/** Windows kept for reuse: some 20 MB. Beyond that the collector may have them. */
const POOLED_MAX = 65_536;

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

  constructor(indexed: boolean) {
    this.indexed = indexed;
  }

  take(entry: WindowOwner, start: number, end: number): WindowState {
    const window = this.free.pop();
    if (window === undefined) return new WindowState(entry, start, end);
    window.entry = entry;
    window.start = start;
    window.end = end;
    window.alive = true;
    return window;
  }

  /** Takes back a window that nobody will look at again. */
  give(window: WindowState): void {
    if (this.free.length >= POOLED_MAX) return;
    window.reset();
    this.free.push(window);
  }
}
