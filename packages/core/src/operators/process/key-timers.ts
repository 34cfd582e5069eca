import type { EntryFormat, KeyedStore, StateBackend } from '../../model/index.ts';
import { TimerIndex } from '../../time/index.ts';
import { TimerFields } from '../timer-times.ts';

/** The timers of one key by one clock. */
class KeyTimes extends TimerFields {
  readonly owner: TimersOfKey;

  constructor(owner: TimersOfKey) {
    super();
    this.owner = owner;
  }
}

/** The timers of one key, by both clocks. */
class TimersOfKey {
  key: unknown;
  readonly event: KeyTimes;
  readonly processing: KeyTimes;

  constructor(key: unknown) {
    this.key = key;
    this.event = new KeyTimes(this);
    this.processing = new KeyTimes(this);
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

/** Below this the index is not worth tidying. */
const TIDY_FROM = 64;

/** All timers of an operator, per key (R25). A key without timers leaves nothing behind. */
export class KeyTimers {
  private readonly store: KeyedStore<unknown, TimersOfKey>;
  private index = emptyIndex();
  /** At least as many entries as both indexes have. Those of deleted timers stay until their time comes. */
  private indexed = 0;
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
    this.arm(clock, timers[clock]);
    if (this.indexed > TIDY_FROM && this.indexed > 4 * this.store.size) this.rebuild();
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
    this.indexed--;
    const { owner } = due;
    this.store.edit(owner.key);
    const time = due.takeEarliest();
    // Before the callback, which may register timers of its own for this key.
    if (owner.isEmpty) this.store.delete(owner.key);
    else this.arm(clock, due);
    fire(owner.key, time);
    return true;
  }

  private arm(clock: TimerClock, timers: KeyTimes): void {
    if (timers.earliest < timers.armedAt) this.indexed++;
    this.index[clock].arm(timers);
  }

  private wake(): void {
    if (this.awake) return;
    this.awake = true;
    this.rebuild();
  }

  /** Timers that come and go without firing, as time-outs do, would let the index grow until their time comes. */
  private rebuild(): void {
    this.index = emptyIndex();
    this.indexed = 0;
    for (const [key, timers] of this.store.entries()) {
      timers.key = key;
      timers.event.armedAt = Infinity;
      timers.processing.armedAt = Infinity;
      this.arm('event', timers.event);
      this.arm('processing', timers.processing);
    }
  }
}

function emptyIndex(): Record<TimerClock, TimerIndex<KeyTimes>> {
  return { event: new TimerIndex(), processing: new TimerIndex() };
}
