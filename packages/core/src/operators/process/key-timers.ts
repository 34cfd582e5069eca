import type { EntryFormat, KeyedStore, StateBackend } from '../../model/index.ts';
import { TimerIndex } from '../../time/index.ts';
import { TimerTimes } from '../timer-times.ts';

/** The timers of one key, by both clocks. */
export class TimersOfKey {
  key: unknown;
  readonly event: TimerTimes<TimersOfKey>;
  readonly processing: TimerTimes<TimersOfKey>;

  constructor(key: unknown) {
    this.key = key;
    this.event = new TimerTimes<TimersOfKey>(this);
    this.processing = new TimerTimes<TimersOfKey>(this);
  }

  get isEmpty(): boolean {
    return this.event.size === 0 && this.processing.size === 0;
  }
}

/** Written as `[event times, processing times]`; the key is that of the entry. */
const FORMAT: EntryFormat<TimersOfKey> = {
  toValue: ({ event, processing }) => [event.toValue(), processing.toValue()],
  fromValue(value) {
    const [event, processing] = value as readonly [readonly number[], readonly number[]];
    const timers = new TimersOfKey(undefined);
    timers.event.restore(event);
    timers.processing.restore(processing);
    return timers;
  },
};

/** The clock of a timer. */
export type TimerClock = 'event' | 'processing';

/** All timers of an operator, per key (R25). A key without timers leaves nothing behind. */
export class KeyTimers {
  private readonly store: KeyedStore<unknown, TimersOfKey>;
  private readonly index = {
    event: new TimerIndex<TimerTimes<TimersOfKey>>(),
    processing: new TimerIndex<TimerTimes<TimersOfKey>>(),
  };
  /** Whether the timers of restored keys are in the index. */
  private awake = false;

  constructor(state: StateBackend) {
    this.store = state.keyedStore('timers', FORMAT);
  }

  /** Earliest timer of all keys, or +Infinity. */
  earliest(clock: TimerClock): number {
    this.wake();
    return this.index[clock].earliest;
  }

  register(clock: TimerClock, key: unknown, timeMs: number): void {
    this.wake();
    let timers = this.store.edit(key);
    if (timers === undefined) this.store.put(key, (timers = new TimersOfKey(key)));
    timers[clock].add(timeMs);
    this.index[clock].arm(timers[clock]);
  }

  delete(clock: TimerClock, key: unknown, timeMs: number): void {
    this.wake();
    const timers = this.store.edit(key);
    if (timers === undefined) return;
    timers[clock].delete(timeMs);
    if (timers.isEmpty) this.store.delete(key);
  }

  /** Removes the earliest timer at or below `untilMs`, calls `fire` with it, and says whether there was one. */
  fireNext(clock: TimerClock, untilMs: number, fire: (key: unknown, timeMs: number) => void): boolean {
    this.wake();
    const due = this.index[clock].takeDue(untilMs);
    if (due === undefined) return false;
    const { owner } = due;
    this.store.edit(owner.key);
    const time = due.takeEarliest();
    // Before the callback, which may register timers of its own for this key.
    if (owner.isEmpty) this.store.delete(owner.key);
    else this.index[clock].arm(due);
    fire(owner.key, time);
    return true;
  }

  private wake(): void {
    if (this.awake) return;
    this.awake = true;
    for (const [key, timers] of this.store.entries()) {
      timers.key = key;
      this.index.event.arm(timers.event);
      this.index.processing.arm(timers.processing);
    }
  }
}
