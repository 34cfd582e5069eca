import type { WindowPool } from './window-pool.ts';
import type { WindowOwner, WindowState } from './window-state.ts';

/** From so many windows on a key finds them by their start: sliding ones may be hundreds. */
const INDEXED_FROM = 8;

/** The windows of one key. */
export class KeyWindows implements WindowOwner {
  key: unknown;
  readonly list: WindowState[] = [];
  private byStart: Map<number, WindowState[]> | undefined;

  private readonly pool: WindowPool;

  constructor(key: unknown, pool: WindowPool) {
    this.key = key;
    this.pool = pool;
  }

  get isEmpty(): boolean {
    return this.list.length === 0;
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
    const window = this.pool.take(this, start, end);
    if (!this.pool.indexed) {
      this.insert(window);
      return window;
    }
    this.list.push(window);
    if (this.byStart !== undefined) this.index(window);
    else if (this.list.length >= INDEXED_FROM) {
      this.byStart = new Map();
      for (const known of this.list) this.index(known);
    }
    return window;
  }

  remove(window: WindowState): void {
    window.alive = false;
    const { list } = this;
    if (list.length === 1) list.pop();
    else list.splice(list.indexOf(window), 1);
    const same = this.byStart?.get(window.start);
    if (same === undefined) return;
    same.splice(same.indexOf(window), 1);
    if (same.length === 0) this.byStart?.delete(window.start);
  }

  /** Windows that merge stand in the order of time. New ones are mostly the latest. */
  private insert(window: WindowState): void {
    const { list } = this;
    let at = list.length;
    while (at > 0 && (list[at - 1] as WindowState).start > window.start) at--;
    if (at === list.length) list.push(window);
    else list.splice(at, 0, window);
  }

  private index(window: WindowState): void {
    const same = this.byStart?.get(window.start);
    if (same === undefined) this.byStart?.set(window.start, [window]);
    else same.push(window);
  }
}
