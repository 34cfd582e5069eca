import type { Duration } from '../internal/duration.ts';
import type { Aggregate } from './aggregate.ts';

/**
 * How long state lives. A value has expired once its clock comes to the time of its last renewal plus `after`; it is then
 * never returned again, and is cleaned up when it is met, or little by little while records come.
 */
export interface StateTtl {
  /** Life of a value (of each item of a list, of each entry of a map) since it was last renewed. Above 0. */
  readonly after: Duration;
  /** What renews it: writing (default), or reading too. */
  readonly renewedBy?: 'write' | 'readAndWrite';
  /**
   * The clock: `'processing'` (default, as in Flink) or `'event'`. Event time is the watermark; while a timer of event time
   * fires it is the time of the timer. The end of the stream lets nothing expire.
   */
  readonly time?: 'event' | 'processing';
}

/** A schema as far as state descriptors need to know it: what `struct`, `string`, ... of `millrace` make. */
export interface StateSchema<T> {
  readonly definition: unknown;
  decode(value: unknown, path?: string): T;
  encode(value: T): string;
}

/** Options of a state descriptor. */
export interface StateOptions<T> {
  /** Default: it lives until it is cleared. */
  readonly ttl?: StateTtl;
  /**
   * Shape of the values (of the items of a list, of the values of a map, of the accumulator of an aggregate): they are kept
   * in snapshots without the names of their fields. Default: values describe themselves.
   */
  readonly schema?: StateSchema<T>;
}

declare const shape: unique symbol;

interface Descriptor<Kind extends string, State> {
  readonly kind: Kind;
  readonly ttl: StateTtl | undefined;
  /** Shape of the values; `undefined`: self-describing. */
  readonly schema: StateSchema<never> | undefined;
  /** Only for the type checker. */
  readonly [shape]?: State;
}

/** One value per key. Made by `valueState`; `Empty` is `never` where it has an initial value. */
export interface ValueStateDescriptor<T, Empty extends undefined = undefined> extends Descriptor<
  'value',
  ValueState<T, Empty>
> {
  readonly initial: (() => T) | undefined;
}
/** A list per key. Made by `listState`. */
export type ListStateDescriptor<T> = Descriptor<'list', ListState<T>>;
/** A map per key. Made by `mapState`. */
export type MapStateDescriptor<MK, MV> = Descriptor<'map', MapState<MK, MV>>;
/** One value per key into which others are reduced. Made by `reducingState`. */
export interface ReducingStateDescriptor<T> extends Descriptor<'reducing', ReducingState<T>> {
  readonly reduce: (a: T, b: T) => T;
}
/** An accumulator per key. Made by `aggregatingState`. */
export interface AggregatingStateDescriptor<T, R> extends Descriptor<'aggregating', AggregatingState<T, R>> {
  readonly aggregate: Aggregate<T, unknown, R>;
}

// `any` stands for "of some type": the types of the descriptors are invariant, and are read through `StatesOf` only.
/** Any state descriptor. */
export type StateDescriptor =
  // oxlint-disable-next-line typescript/no-explicit-any
  | ValueStateDescriptor<any, any>
  // oxlint-disable-next-line typescript/no-explicit-any
  | ListStateDescriptor<any>
  // oxlint-disable-next-line typescript/no-explicit-any
  | MapStateDescriptor<any, any>
  // oxlint-disable-next-line typescript/no-explicit-any
  | ReducingStateDescriptor<any>
  // oxlint-disable-next-line typescript/no-explicit-any
  | AggregatingStateDescriptor<any, any>;

/** State descriptors by name, as process functions declare them. */
export type StateSpec = Readonly<Record<string, StateDescriptor>>;

/** What a process function works with: the states of its spec, by the same names, of the current key. */
export type StatesOf<S extends StateSpec> = {
  readonly [N in keyof S]: S[N] extends Descriptor<string, infer State> ? State : never;
};

/**
 * One value of the current key.
 *
 * @typeParam Empty what `get` gives where there is no value: `undefined`, or `never` with an initial value
 */
export interface ValueState<T, Empty extends undefined = undefined> {
  /** The value, else the descriptor's initial one. Do not change it in place: use `update`. In development it is frozen. */
  get(): T | Empty;
  set(value: T): void;
  /**
   * Replaces the value by what `next` makes of it. With an initial value the curried `produce` of `immer` fits.
   *
   * @example ctx.state.cart.update(produce((cart) => { cart.items.push(item); }))
   */
  update(next: (value: T | Empty) => T): void;
  clear(): void;
}

/** A list of the current key, in the order of adding. */
export interface ListState<T> {
  get(): readonly T[];
  add(value: T): void;
  addAll(values: Iterable<T>): void;
  /** Replaces the whole list. */
  set(values: Iterable<T>): void;
  clear(): void;
}

/** A map of the current key. Its keys are compared by value, as stream keys are. */
export interface MapState<MK, MV> {
  get(key: MK): MV | undefined;
  has(key: MK): boolean;
  set(key: MK, value: MV): void;
  update(key: MK, next: (value: MV | undefined) => MV): void;
  delete(key: MK): void;
  entries(): Iterable<readonly [MK, MV]>;
  keys(): Iterable<MK>;
  values(): Iterable<MV>;
  readonly isEmpty: boolean;
  clear(): void;
}

/** A value of the current key into which every added one is reduced. */
export interface ReducingState<T> {
  get(): T | undefined;
  add(value: T): void;
  clear(): void;
}

/** An accumulator of the current key. */
export interface AggregatingState<T, R> {
  /** The result; `undefined` if nothing was added. */
  get(): R | undefined;
  add(value: T): void;
  clear(): void;
}
