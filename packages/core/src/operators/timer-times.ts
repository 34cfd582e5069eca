import { END_OF_TIME, type TimerOwner } from '../time/index.ts';

/**
 * The timers of one owner, a key or a window of a key, by one clock: each time once (R25), in ascending order. Owners have
 * few: an array beats a heap up to some hundreds, and is what a snapshot wants.
 */
export class TimerTimes<Owner> implements TimerOwner {
  readonly owner: Owner;
  armedAt = Infinity;
  private readonly ascending: number[] = [];

  constructor(owner: Owner) {
    this.owner = owner;
  }

  get earliest(): number {
    return this.ascending.length === 0 ? Infinity : (this.ascending[0] as number);
  }

  get size(): number {
    return this.ascending.length;
  }

  /** @param timeMs +Infinity: at the end of the stream */
  add(timeMs: number): void {
    const time = timeMs === Infinity ? END_OF_TIME : timeMs;
    const at = this.placeOf(time);
    if (this.ascending[at] !== time) this.ascending.splice(at, 0, time);
  }

  delete(timeMs: number): void {
    const time = timeMs === Infinity ? END_OF_TIME : timeMs;
    const at = this.placeOf(time);
    if (this.ascending[at] === time) this.ascending.splice(at, 1);
  }

  /** Removes the earliest timer and returns its time; +Infinity for one at the end of the stream. */
  takeEarliest(): number {
    const time = this.ascending.shift() as number;
    return time === END_OF_TIME ? Infinity : time;
  }

  clear(): void {
    this.ascending.length = 0;
  }

  /** Moves a timer to a later time. */
  postpone(fromMs: number, toMs: number): void {
    if (this.ascending.length === 1 && this.ascending[0] === fromMs) this.ascending[0] = toMs;
    else {
      this.delete(fromMs);
      this.add(toMs);
    }
  }

  /** For a snapshot. */
  toValue(): readonly number[] {
    return [...this.ascending];
  }

  restore(times: readonly number[]): void {
    this.ascending.push(...times);
  }

  /** Index of the first timer at or after `time`. New timers are mostly the latest. */
  private placeOf(time: number): number {
    let low = 0;
    let high = this.ascending.length;
    if (high > 0 && (this.ascending[high - 1] as number) < time) return high;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ascending[middle] as number) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
