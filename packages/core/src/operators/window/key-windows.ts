import { WindowState, type WindowOwner } from './window-state.ts';

/** From so many windows on a key finds them by their start: sliding ones may be hundreds. */
const INDEXED_FROM = 8;

/** The windows of one key. */
export class KeyWindows implements WindowOwner {
  key: unknown;
  readonly list: WindowState[] = [];
  private byStart: Map<number, WindowState[]> | undefined;

  private readonly indexed: boolean;

  /** @param indexed whether windows keep their start, and so can be found by it */
  constructor(key: unknown, indexed: boolean) {
    this.key = key;
    this.indexed = indexed;
  }

  find(start: number, end: number): WindowState | undefined {
    const candidates = this.byStart === undefined ? this.list : this.byStart.get(start);
    if (candidates === undefined) return undefined;
    for (let i = candidates.length - 1; i >= 0; i--) {
      const window = candidates[i] as WindowState;
      if (window.start === start && window.end === end) return window;
    }
    return undefined;
  }

  open(start: number, end: number): WindowState {
    const window = new WindowState(this, start, end);
    this.list.push(window);
    if (this.byStart !== undefined) this.index(window);
    else if (this.indexed && this.list.length >= INDEXED_FROM) {
      this.byStart = new Map();
      for (const known of this.list) this.index(known);
    }
    return window;
  }

  remove(window: WindowState): void {
    window.alive = false;
    this.list.splice(this.list.indexOf(window), 1);
    const same = this.byStart?.get(window.start);
    if (same === undefined) return;
    same.splice(same.indexOf(window), 1);
    if (same.length === 0) this.byStart?.delete(window.start);
  }

  private index(window: WindowState): void {
    const same = this.byStart?.get(window.start);
    if (same === undefined) this.byStart?.set(window.start, [window]);
    else same.push(window);
  }
}
