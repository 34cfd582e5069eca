import type { JsonValue } from './json.ts';

/** What an entry of a slice is made of, so that any backend can lay it out. */
export interface SliceLayout {
  /** Values of the numeric cells of a new entry. */
  readonly numbers: readonly number[];
  /** Makers of the object cells of a new entry. Their values go through the state codec. */
  readonly objects: readonly (() => unknown)[];
}

/**
 * The entries of one slice of event time: one row per key, of `layout.numbers.length` numeric and
 * `layout.objects.length` object cells. Rows are numbered 0, 1, 2, ... in the order in which keys were first seen, and
 * keep their number until the slice is dropped; so an iteration can stop at any row and go on later.
 */
export interface Slice<K> {
  /** First timestamp of the slice, epoch ms, inclusive. */
  readonly start: number;
  /** End of the slice, epoch ms, exclusive. */
  readonly end: number;
  /** How many keys it holds. */
  readonly size: number;
  /** Records that went into it. */
  records: number;
  /** Row of `key`, made with the initial values if it is new. */
  upsert(key: K): number;
  /** Row of `key`; -1 if it has none. */
  find(key: K): number;
  /** Takes back the row that the last `upsert` made. */
  removeLast(): void;
  keyAt(row: number): K;
  /** Array in which the numeric cells of `row` stand, at `numbersAt(row)`. Valid until the next `upsert`. */
  numbersOf(row: number): Float64Array;
  numbersAt(row: number): number;
  /** Array in which the object cells of `row` stand, at `objectsAt(row)`. Valid until the next `upsert`. */
  objectsOf(row: number): unknown[];
  objectsAt(row: number): number;
}

/** All slices of one window operator, by their start. Encoding is layout-neutral: (slice, key group, key, cells). */
export interface SliceStore<K> {
  readonly size: number;
  get(start: number): Slice<K> | undefined;
  /** The slice that begins at `start`, new and empty if there was none. */
  create(start: number, end: number): Slice<K>;
  drop(start: number): void;
  /** Slices by ascending start. */
  slices(): Iterable<Slice<K>>;
}

/** Takes a value piece by piece, outermost first. */
export interface ValueOutput {
  /** An array, whose `length` items follow. */
  array(length: number): void;
  value(value: unknown): void;
}

/**
 * How the entries of a keyed store are written: as a value of the state codec, from which an equal entry can be made.
 *
 * @typeParam V the entry: any object an operator likes to work with
 */
export interface EntryFormat<V> {
  /** Made of what the state codec takes; never a part of the entry that later changes. */
  toValue(entry: V): unknown;
  /**
   * The same value, written piece by piece: what `toValue` returns, without making it. Where entries are many and small this
   * is several times faster. Default: `toValue`.
   */
  write?(entry: V, output: ValueOutput): void;
  fromValue(value: unknown): V;
}

/**
 * One entry per key. Keys are canonical (`canonicalKey`): compared as a Map compares them. Entries may be changed in
 * place, after `edit`.
 */
export interface KeyedStore<K, V> {
  /** How many keys have an entry. */
  readonly size: number;
  /** Whether changes are tracked. Where they are not, `edit` is `get`, and need not be called for its effect alone. */
  readonly tracks: boolean;
  /** The entry, to be read. */
  get(key: K): V | undefined;
  /** The entry, to be changed in place: a snapshot under way then keeps what it was. */
  edit(key: K): V | undefined;
  put(key: K, entry: V): void;
  delete(key: K): void;
  /** All entries in the order in which their keys came; entries may be deleted meanwhile. */
  entries(): IterableIterator<[K, V]>;
}

/** One value of an operator as a whole (not per key), such as the count of late records. */
export interface OperatorCell<T extends JsonValue> {
  get(): T;
  set(value: T): void;
}

/** Deduplicated timers by time; `namespace` is what the timer is for, such as the start of a slice. */
export interface TimerQueue {
  /** Earliest timer, or +Infinity. */
  readonly earliest: number;
  readonly size: number;
  /** Registers a timer; a second one of the same time and namespace changes nothing (R25). */
  register(timeMs: number, namespace: number): void;
  delete(timeMs: number, namespace: number): void;
  /** Removes and returns the namespace of the earliest timer at or below `untilMs`; ties in order of registration. */
  takeDue(untilMs: number): number | undefined;
}

/** Where a cut hands over encoded entries, in any order. */
export interface EntryOutput {
  /** The first `length` bytes are one entry of `keyGroup`; to be copied at once. */
  entry(keyGroup: number, bytes: Uint8Array, length: number): void;
}

/** What is small enough to be written as a whole with every checkpoint: all but entries of keyed state. */
export type SmallState = Exclude<NamedStateSnapshot, { kind: 'keyed' | 'slices' }> | SliceList;

/** The slices of a store without their entries. What is not listed was dropped. */
export interface SliceList {
  readonly kind: 'slices';
  readonly name: string;
  /** Number of the next slice: those of dropped ones are not used again, since older cuts may hold their entries. */
  readonly nextNumber: number;
  /** `number` is that of the slice's entries: a slice that was dropped and made again has another one. */
  readonly slices: readonly {
    readonly number: number;
    readonly start: number;
    readonly end: number;
    readonly records: number;
  }[];
}

/** `full`: all entries. `delta`: those that were changed since the cut before, and what was deleted. */
export type CutKind = 'full' | 'delta';

/** State as it was at one moment, being written while it goes on changing. */
export interface StateCut {
  readonly small: readonly SmallState[];
  /** Writes entries, `entriesMax` at most. Returns whether that was all. */
  step(entriesMax: number): boolean;
}

/** How much an operator holds. */
export interface OperatorStateSize {
  readonly entries: number;
  /** Memory, in bytes: an estimate from samples. */
  readonly bytes: number;
}

/**
 * The state of one operator. Every operator keeps all that must survive a restart here, registered by name when it is
 * constructed, and nowhere else: a snapshot of the backend and a new operator on it must equal the old operator.
 *
 * Protocol: `sliceStore`, `keyedStore`, `timers`, `cell` are called once per name while the operator is constructed; a second call of
 * one name is a defect. `restore` is called at most once, after that and before the first record. `snapshot` is called
 * between batches, where nothing is pending.
 *
 * For checkpoints, on a backend that was made to track changes:
 * 1. `cut` at such a moment, at once whatever the state's size is: from then on the cut stands still. Its `step` is called
 *    until it is done, while records go on being processed; the next `cut` comes only after that.
 * 2. To restore: `loadSmall` of the last checkpoint, then `loadEntries` with what each cut of the chain wrote, from the full
 *    one on, then `loaded`. Key groups may be left out, or come from the cuts of several backends one after the other.
 *    What was loaded counts as unchanged: the next cut may be a delta upon it.
 */
export interface StateBackend {
  sliceStore<K>(name: string, layout: SliceLayout): SliceStore<K>;
  keyedStore<K, V>(name: string, format: EntryFormat<V>): KeyedStore<K, V>;
  timers(name: string): TimerQueue;
  cell<T extends JsonValue>(name: string, initial: T): OperatorCell<T>;
  readonly size: OperatorStateSize;
  /** Names of the states that have entries, in the order of their registration. */
  readonly entryStates: readonly string[];
  /** @param outputOf where the entries of a state go */
  cut(kind: CutKind, outputOf: (state: string) => EntryOutput): StateCut;
  /** @throws MillraceError `STATE_MISMATCH` as `restore` does */
  loadSmall(small: readonly SmallState[]): void;
  /**
   * Takes in entries, one after the other in `bytes`; returns how many.
   *
   * @param cut which cut of the chain wrote them: whatever the order of the calls, entries of later cuts win
   * @throws MillraceError `STATE_MISMATCH` as `restore` does; `STATE_CORRUPT` for bytes that no cut wrote
   */
  loadEntries(state: string, bytes: Uint8Array, cut: number): number;
  loaded(): void;
  snapshot(): StateSnapshot;
  /** @throws MillraceError `STATE_MISMATCH` if the snapshot holds a state that was not registered, or of another kind. */
  restore(snapshot: StateSnapshot): void;
}

/** One entry of keyed state, encoded. */
export interface SliceEntry {
  readonly slice: number;
  readonly keyGroup: number;
  readonly key: Uint8Array;
  /** All cells of the row: numeric ones first, then object ones. */
  readonly cells: Uint8Array;
}

/** One entry of a keyed store, encoded. */
export interface KeyedEntry {
  readonly keyGroup: number;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A snapshot of one named state. */
export type NamedStateSnapshot =
  | { readonly kind: 'keyed'; readonly name: string; readonly entries: readonly KeyedEntry[] }
  | {
      readonly kind: 'slices';
      readonly name: string;
      readonly slices: readonly { readonly start: number; readonly end: number; readonly records: number }[];
      readonly entries: readonly SliceEntry[];
    }
  | {
      readonly kind: 'timers';
      readonly name: string;
      readonly timers: readonly (readonly [timeMs: number, namespace: number])[];
    }
  | { readonly kind: 'cell'; readonly name: string; readonly value: JsonValue };

/** Everything one operator must remember. Independent of the backend that made it: any other can restore it. */
export interface StateSnapshot {
  readonly version: 1;
  readonly states: readonly NamedStateSnapshot[];
}
