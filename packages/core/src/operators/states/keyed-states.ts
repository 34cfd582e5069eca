import type { EntryFormat, KeyedStore, StateBackend, StateDescriptor, StateSpec, StatesOf } from '../../model/index.ts';
import { bindStates } from './bind-states.ts';
import { keepAlive } from './keep-alive.ts';
import type { StateSlot } from './state-slot.ts';
import { storedFormat } from './stored-format.ts';
import { Ttl, type StateTime } from './ttl.ts';

/** Keys looked at per record, in search of what has expired: more would cost, fewer would let dead state pile up. */
const LOOKED_AT_PER_RECORD = 2;

/** The states of a function, per key: one keyed store each. */
export class KeyedStates<S extends StateSpec> {
  /** The states of the current key. */
  readonly states: StatesOf<S>;
  /** The current key, canonical. To be set before `states` is used. */
  key: unknown = undefined;
  private readonly sweepers: TtlSweeper[] = [];

  /**
   * @param prefix of the names under which the states are kept
   * @param development whether values are frozen
   */
  constructor(spec: S, backend: StateBackend, prefix: string, time: StateTime, development: boolean = false) {
    const slotFor = (name: string, descriptor: StateDescriptor): StateSlot => {
      const format: EntryFormat<unknown> = storedFormat(descriptor);
      const store = backend.keyedStore<unknown, unknown>(`${prefix}${name}`, format);
      if (descriptor.ttl !== undefined) this.sweepers.push(new TtlSweeper(store, descriptor, time));
      return new KeyedSlot(store, this);
    };
    this.states = bindStates(spec, slotFor, time, development);
  }

  /** To be called once per record: cleans up a little of what has expired. */
  sweep(): void {
    for (const sweeper of this.sweepers) sweeper.step();
  }
}

class KeyedSlot implements StateSlot {
  private readonly store: KeyedStore<unknown, unknown>;
  private readonly current: { readonly key: unknown };

  constructor(store: KeyedStore<unknown, unknown>, current: { readonly key: unknown }) {
    this.store = store;
    this.current = current;
  }

  get(): unknown {
    return this.store.get(this.current.key);
  }

  edit(): unknown {
    return this.store.edit(this.current.key);
  }

  put(stored: unknown): void {
    this.store.put(this.current.key, stored);
  }

  remove(): void {
    this.store.delete(this.current.key);
  }
}

/** Goes round the keys of a state with a time to live, a few per record, so that keys that never come back go away. */
class TtlSweeper {
  private readonly store: KeyedStore<unknown, unknown>;
  private readonly descriptor: StateDescriptor;
  private readonly ttl: Ttl;
  private cursor: Iterator<[unknown, unknown]> | undefined;

  constructor(store: KeyedStore<unknown, unknown>, descriptor: StateDescriptor, time: StateTime) {
    this.store = store;
    this.descriptor = descriptor;
    this.ttl = new Ttl(descriptor.ttl as NonNullable<StateDescriptor['ttl']>, time);
  }

  step(): void {
    for (let i = 0; i < LOOKED_AT_PER_RECORD && this.store.size > 0; i++) {
      this.cursor ??= this.store.entries();
      const next = this.cursor.next();
      if (next.done === true) {
        this.cursor = undefined;
        continue;
      }
      const [key, stored] = next.value;
      const alive = keepAlive(this.descriptor, stored, this.ttl);
      if (alive === undefined) this.store.delete(key);
      else if (alive !== stored) this.store.put(key, alive);
    }
  }
}
