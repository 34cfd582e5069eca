import type { ValueOutput } from '../model/index.ts';
import { END_OF_TIME, type TimerOwner } from '../time/index.ts';

/**
 * The timers of one owner, a key or a window of a key, by one clock: each time once (R25). Most owners have one timer, which
 * needs no array; the others have few, and an array in ascending order beats a heap up to some hundreds.
 */
export abstract class TimerTimes implements TimerOwner {
  abstract armedAt: number;
  abstract earliest: number;
  /** All but the earliest, ascending. */
  private later: number[] | undefined = undefined;

  get size(): number {
    return this.earliest === Infinity ? 0 : 1 + (this.later?.length ?? 0);
  }

  /** @param timeMs +Infinity: at the end of the stream */
  add(timeMs: number): void {
    const time = timeMs === Infinity ? END_OF_TIME : timeMs;
    if (time === this.earliest) return;
    if (this.earliest === Infinity) this.earliest = time;
    else if (time < this.earliest) {
      (this.later ??= []).unshift(this.earliest);
      this.earliest = time;
    } else {
      this.later ??= [];
      const at = placeOf(this.later, time);
      if (this.later[at] !== time) this.later.splice(at, 0, time);
    }
  }

  delete(timeMs: number): void {
    const time = timeMs === Infinity ? END_OF_TIME : timeMs;
    if (time === this.earliest) {
      this.earliest = this.later?.shift() ?? Infinity;
      return;
    }
    if (this.later === undefined) return;
    const at = placeOf(this.later, time);
    if (this.later[at] === time) this.later.splice(at, 1);
  }

  /** Removes the earliest timer and returns its time; +Infinity for one at the end of the stream. */
  takeEarliest(): number {
    const time = this.earliest;
    this.earliest = this.later?.shift() ?? Infinity;
    return time === END_OF_TIME ? Infinity : time;
  }

  clear(): void {
    this.earliest = Infinity;
    this.later = undefined;
  }

  /** Moves a timer to a later time. */
  postpone(fromMs: number, toMs: number): void {
    if (this.earliest === fromMs && (this.later === undefined || this.later.length === 0)) this.earliest = toMs;
    else {
      this.delete(fromMs);
      this.add(toMs);
    }
  }

  /** All times, ascending; for a snapshot. */
  toValue(): readonly number[] {
    return this.earliest === Infinity ? [] : [this.earliest, ...(this.later ?? [])];
  }

  /** The same as `toValue`, piece by piece. */
  writeTimers(output: ValueOutput): void {
    if (this.later !== undefined) output.value(this.toValue());
    else if (this.earliest === Infinity) output.array(0);
    else {
      output.array(1);
      output.value(this.earliest);
    }
  }

  restore(times: readonly number[]): void {
    for (const time of times) this.add(time);
  }
}

/** The same, with the two numbers in fields of its own. */
export class TimerFields extends TimerTimes {
  armedAt = Infinity;
  earliest = Infinity;
}

/** Index of the first timer at or after `time`. New timers are mostly the latest. */
function placeOf(ascending: readonly number[], time: number): number {
  let low = 0;
  let high = ascending.length;
  if (high > 0 && (ascending[high - 1] as number) < time) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
