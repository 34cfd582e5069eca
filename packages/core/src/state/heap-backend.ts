import { invariant, MillraceError } from '../errors/index.ts';
import type {
  CutKind,
  EntryFormat,
  EntryOutput,
  JsonValue,
  KeyedStore,
  NamedStateSnapshot,
  OperatorCell,
  SliceLayout,
  SliceStore,
  SmallState,
  StateBackend,
  StateCut,
  OperatorStateSize,
  StateSnapshot,
  TimerQueue,
} from '../model/index.ts';
import { Epochs } from './epochs.ts';
import { HeapKeyedStore } from './heap-keyed-store.ts';
import { HeapSliceStore } from './heap-slice-store.ts';
import { PlainKeyedStore } from './plain-keyed-store.ts';
import { HeapTimerQueue } from './heap-timer-queue.ts';
import type { StoreCut } from './store-cut.ts';

/** A state of one operator that can be written and read back. */
interface NamedState {
  snapshot(): NamedStateSnapshot;
  restore(snapshot: NamedStateSnapshot): void;
  /** What is written as a whole; `undefined`: nothing. */
  small(): SmallState | undefined;
  loadSmall(small: SmallState): void;
  /** For states that have entries. */
  readonly entries?: {
    cut(kind: CutKind, output: EntryOutput, endedMark: number): StoreCut;
    load(bytes: Uint8Array, cut: number): number;
    loaded(): void;
    size(): OperatorStateSize;
  };
}

/** State of one operator in JavaScript objects: the default backend. */
export class HeapBackend implements StateBackend {
  private readonly operator: string;
  private readonly states = new Map<string, NamedState>();
  private readonly epochs: Epochs;
  private walking: StateCut | undefined;

  /**
   * @param operator id of the operator, named in errors
   * @param options `tracking`: changes are tracked, as `cut` needs it; costs a little per change. Default false.
   */
  constructor(operator: string, options: { readonly tracking?: boolean } = {}) {
    this.operator = operator;
    this.epochs = new Epochs(options.tracking ?? false);
  }

  sliceStore<K>(name: string, layout: SliceLayout): SliceStore<K> {
    const store = new HeapSliceStore<K>(name, layout, this.epochs);
    this.register(name, {
      snapshot: () => store.snapshot(),
      restore: (snapshot) => (snapshot.kind === 'slices' ? store.restore(snapshot) : this.otherKind(snapshot)),
      small: () => store.list(),
      loadSmall: (small) => (small.kind === 'slices' ? store.loadList(small) : this.otherKind(small)),
      entries: {
        cut: (kind, output) => store.cut(kind, output),
        load: (bytes, cut) => store.loadEntries(bytes, cut),
        loaded: () => store.loaded(),
        size: () => ({ entries: store.entryCount, bytes: store.bytes }),
      },
    });
    return store;
  }

  keyedStore<K, V>(name: string, format: EntryFormat<V>): KeyedStore<K, V> {
    const store = this.epochs.tracking
      ? new HeapKeyedStore<K, V>(name, format, this.epochs)
      : new PlainKeyedStore<K, V>(name, format);
    this.register(name, {
      snapshot: () => store.snapshot(),
      restore: (snapshot) => (snapshot.kind === 'keyed' ? store.restore(snapshot) : this.otherKind(snapshot)),
      small: () => undefined,
      loadSmall: (small) => this.otherKind(small),
      entries: {
        cut: (kind, output, endedMark) => store.cut(kind, output, endedMark),
        load: (bytes, cut) => store.loadEntries(bytes, cut),
        loaded: () => store.loaded(),
        size: () => ({ entries: store.size, bytes: store.bytes }),
      },
    });
    return store;
  }

  timers(name: string): TimerQueue {
    const queue = new HeapTimerQueue(name);
    const restore = (saved: NamedStateSnapshot | SmallState): void =>
      saved.kind === 'timers' ? queue.restore(saved) : this.otherKind(saved);
    const snapshot = (): ReturnType<HeapTimerQueue['snapshot']> => queue.snapshot();
    this.register(name, { snapshot, restore, small: snapshot, loadSmall: restore });
    return queue;
  }

  cell<T extends JsonValue>(name: string, initial: T): OperatorCell<T> {
    let current = initial;
    const snapshot = () => ({ kind: 'cell', name, value: current }) as const;
    const restore = (saved: NamedStateSnapshot | SmallState): void => {
      if (saved.kind !== 'cell') this.otherKind(saved);
      // The value was a T when the same operator wrote it.
      current = saved.value as T;
    };
    this.register(name, { snapshot, restore, small: snapshot, loadSmall: restore });
    return { get: () => current, set: (value) => void (current = value) };
  }

  get size(): OperatorStateSize {
    let entries = 0;
    let bytes = 0;
    for (const state of this.states.values()) {
      const size = state.entries?.size();
      entries += size?.entries ?? 0;
      bytes += size?.bytes ?? 0;
    }
    return { entries, bytes };
  }

  get entryStates(): readonly string[] {
    return [...this.states].filter(([, state]) => state.entries !== undefined).map(([name]) => name);
  }

  cut(kind: CutKind, outputOf: (state: string) => EntryOutput): StateCut {
    invariant(this.epochs.tracking, `operator ${this.operator} tracks no changes`);
    invariant(this.walking === undefined, `operator ${this.operator} is cut while the cut before is being written`);
    const endedMark = this.epochs.mark;
    const small = [...this.states.values()].map((state) => state.small()).filter((saved) => saved !== undefined);
    const cuts = [...this.states].flatMap(([name, { entries }]) =>
      entries === undefined ? [] : [entries.cut(kind, outputOf(name), endedMark)],
    );
    this.epochs.next();
    let at = 0;
    const cut: StateCut = {
      small,
      step: (entriesMax) => {
        let left = entriesMax;
        while (at < cuts.length) {
          left = (cuts[at] as StoreCut).step(left);
          if (left <= 0) return false;
          at++;
        }
        this.walking = undefined;
        return true;
      },
    };
    this.walking = cut;
    return cut;
  }

  loadSmall(small: readonly SmallState[]): void {
    for (const saved of small) this.stateOf(saved.name).loadSmall(saved);
  }

  loadEntries(name: string, bytes: Uint8Array, cut: number): number {
    const { entries } = this.stateOf(name);
    if (entries === undefined) throw this.mismatch(`holds entries of '${name}', which is now of another kind`);
    return entries.load(bytes, cut);
  }

  loaded(): void {
    for (const state of this.states.values()) state.entries?.loaded();
  }

  snapshot(): StateSnapshot {
    return { version: 1, states: [...this.states.values()].map((state) => state.snapshot()) };
  }

  restore(snapshot: StateSnapshot): void {
    for (const saved of snapshot.states) this.stateOf(saved.name).restore(saved);
  }

  private stateOf(name: string): NamedState {
    const state = this.states.get(name);
    if (state === undefined) throw this.mismatch(`holds a state '${name}', which the operator no longer has`);
    return state;
  }

  private register(name: string, state: NamedState): void {
    invariant(!this.states.has(name), `operator ${this.operator} registered state '${name}' twice`);
    this.states.set(name, state);
  }

  private otherKind(saved: NamedStateSnapshot | SmallState): never {
    throw this.mismatch(`holds '${saved.name}' as ${saved.kind}, which is now of another kind`);
  }

  private mismatch(what: string): MillraceError {
    return new MillraceError('STATE_MISMATCH', {
      message: `The snapshot of operator '${this.operator}' ${what}. Restore it with the program that made it, or start afresh.`,
      fields: { operator: this.operator },
    });
  }
}
