import { invariant, MillraceError } from '../errors/index.ts';
import type {
  EntryFormat,
  JsonValue,
  KeyedStore,
  NamedStateSnapshot,
  OperatorCell,
  SliceLayout,
  SliceStore,
  StateBackend,
  StateSnapshot,
  TimerQueue,
} from '../model/index.ts';
import { HeapKeyedStore } from './heap-keyed-store.ts';
import { HeapSliceStore } from './heap-slice-store.ts';
import { HeapTimerQueue } from './heap-timer-queue.ts';

/** A state of one operator that can be written and read back. */
interface NamedState {
  snapshot(): NamedStateSnapshot;
  restore(snapshot: NamedStateSnapshot): void;
}

/** State of one operator in JavaScript objects: the default backend. */
export class HeapBackend implements StateBackend {
  private readonly operator: string;
  private readonly states = new Map<string, NamedState>();

  /** @param operator id of the operator, named in errors */
  constructor(operator: string) {
    this.operator = operator;
  }

  sliceStore<K>(name: string, layout: SliceLayout): SliceStore<K> {
    const store = new HeapSliceStore<K>(name, layout);
    this.register(name, {
      snapshot: () => store.snapshot(),
      restore: (snapshot) => (snapshot.kind === 'slices' ? store.restore(snapshot) : this.otherKind(snapshot)),
    });
    return store;
  }

  keyedStore<K, V>(name: string, format: EntryFormat<V>): KeyedStore<K, V> {
    const store = new HeapKeyedStore<K, V>(name, format);
    this.register(name, {
      snapshot: () => store.snapshot(),
      restore: (snapshot) => (snapshot.kind === 'keyed' ? store.restore(snapshot) : this.otherKind(snapshot)),
    });
    return store;
  }

  timers(name: string): TimerQueue {
    const queue = new HeapTimerQueue(name);
    this.register(name, {
      snapshot: () => queue.snapshot(),
      restore: (snapshot) => (snapshot.kind === 'timers' ? queue.restore(snapshot) : this.otherKind(snapshot)),
    });
    return queue;
  }

  cell<T extends JsonValue>(name: string, initial: T): OperatorCell<T> {
    let current = initial;
    this.register(name, {
      snapshot: () => ({ kind: 'cell', name, value: current }),
      // The value was a T when the same operator wrote it.
      restore: (snapshot) =>
        snapshot.kind === 'cell' ? void (current = snapshot.value as T) : this.otherKind(snapshot),
    });
    return { get: () => current, set: (value) => void (current = value) };
  }

  snapshot(): StateSnapshot {
    return { version: 1, states: [...this.states.values()].map((state) => state.snapshot()) };
  }

  restore(snapshot: StateSnapshot): void {
    for (const saved of snapshot.states) {
      const state = this.states.get(saved.name);
      if (state === undefined) {
        throw this.mismatch(`holds a state '${saved.name}', which the operator no longer has`);
      }
      state.restore(saved);
    }
  }

  private register(name: string, state: NamedState): void {
    invariant(!this.states.has(name), `operator ${this.operator} registered state '${name}' twice`);
    this.states.set(name, state);
  }

  private otherKind(saved: NamedStateSnapshot): never {
    throw this.mismatch(`holds '${saved.name}' as ${saved.kind}, which is now of another kind`);
  }

  private mismatch(what: string): MillraceError {
    return new MillraceError('STATE_MISMATCH', {
      message: `The snapshot of operator '${this.operator}' ${what}. Restore it with the program that made it, or start afresh.`,
      fields: { operator: this.operator },
    });
  }
}
