import type { StateSnapshot, StateSpec, StatesOf } from '../../src/model/index.ts';
import { KeyedStates, type StateTime } from '../../src/operators/states/index.ts';
import { canonicalKey, HeapBackend } from '../../src/state/index.ts';

/** States of a function on the heap, as operators keep them, with clocks that the test sets. */
export interface StateKit<S extends StateSpec> {
  readonly clock: { -readonly [N in keyof StateTime]: number };
  /** The states of `key`. */
  of(key: unknown): StatesOf<S>;
  /** One record's share of cleaning up. */
  sweep(): void;
  /** How many entries are kept, of all keys and states. */
  readonly entries: number;
  snapshot(): StateSnapshot;
  /** A new kit from a snapshot of this one, with the same clocks. */
  restored(): StateKit<S>;
}

export function stateKit<S extends StateSpec>(
  spec: S,
  snapshot?: StateSnapshot,
  clock?: StateKit<S>['clock'],
  development: boolean = false,
): StateKit<S> {
  const backend = new HeapBackend('test');
  const time = clock ?? { watermark: -Infinity, processingTime: 0, eventTime: -Infinity };
  const keyed = new KeyedStates(spec, backend, 'state.', time, development);
  if (snapshot !== undefined) backend.restore(snapshot);
  return {
    clock: time,
    of(key) {
      keyed.key = canonicalKey(key);
      return keyed.states;
    },
    sweep: () => keyed.sweep(),
    get entries() {
      return backend.snapshot().states.reduce((n, state) => n + (state.kind === 'keyed' ? state.entries.length : 0), 0);
    },
    snapshot: () => backend.snapshot(),
    restored: () => stateKit(spec, backend.snapshot(), time, development),
  };
}
