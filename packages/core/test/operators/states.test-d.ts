import { produce } from 'immer';
import { expectTypeOf } from 'vitest';
import {
  aggregatingState,
  ascendingTimestamps,
  count,
  dataflow,
  double,
  listState,
  mapState,
  memory,
  reducingState,
  string,
  struct,
  sum,
  typed,
  valueState,
  type AggregatingState,
  type DataStream,
  type ListState,
  type MapState,
  type ReducingState,
  type StatesOf,
  type ValueState,
} from '../../src/index.ts';

interface Cart {
  readonly items: readonly string[];
  readonly total: { readonly amount: number };
}

const Reading = struct({ sensor: string(), value: double() });

const spec = {
  last: valueState<number>(),
  cart: valueState<Cart>({ initial: () => ({ items: [], total: { amount: 0 } }) }),
  inferred: valueState({ initial: () => 'text' }),
  reading: valueState({ schema: Reading }),
  list: listState<Cart>({ ttl: { after: '1h' } }),
  map: mapState<readonly [string, number], Cart>(),
  highest: reducingState<number>((a, b) => Math.max(a, b)),
  total: aggregatingState(sum((c: Cart) => c.total.amount)),
  count: aggregatingState(count()),
};

declare const states: StatesOf<typeof spec>;

// The states are those that the descriptors name.
expectTypeOf(states.last).toEqualTypeOf<ValueState<number>>();
expectTypeOf(states.cart).toEqualTypeOf<ValueState<Cart, never>>();
expectTypeOf(states.list).toEqualTypeOf<ListState<Cart>>();
expectTypeOf(states.map).toEqualTypeOf<MapState<readonly [string, number], Cart>>();
expectTypeOf(states.highest).toEqualTypeOf<ReducingState<number>>();
expectTypeOf(states.total).toEqualTypeOf<AggregatingState<Cart, number>>();
expectTypeOf(states.reading.get()).toEqualTypeOf<{ sensor: string; value: number } | undefined>();

// Only where there is an initial value there is always one.
expectTypeOf(states.last.get()).toEqualTypeOf<number | undefined>();
expectTypeOf(states.cart.get()).toEqualTypeOf<Cart>();
expectTypeOf(states.inferred.get()).toEqualTypeOf<string>();
states.last.update((n) => (n ?? 0) + 1);
// @ts-expect-error there may be none
states.last.update((n) => n + 1);
states.inferred.update((text) => text.toUpperCase());
// @ts-expect-error no number
states.inferred.set(1);
// @ts-expect-error what was handed out is not to be changed
states.list.get().push({ items: [], total: { amount: 1 } });
// @ts-expect-error the initial value is of another type
valueState<string>({ initial: () => 1 });
// @ts-expect-error not a duration
valueState<string>({ ttl: { after: '1 hour' } });
// @ts-expect-error the schema is of another type
valueState<string>({ schema: Reading });

// The curried produce of immer is taken as it is, and the draft is typed.
states.cart.update(
  produce((cart) => {
    expectTypeOf(cart.total.amount).toEqualTypeOf<number>();
    cart.items.push('tea');
    cart.total.amount += 1;
  }),
);

// All of it inside of process functions, without naming a type.
const flow = dataflow('types');
const readings = flow.from('readings', memory([{ sensor: 'a', value: 1, t: 0 }]), {
  watermarks: ascendingTimestamps((r) => r.t),
});
const jumps = readings
  .keyBy((r) => r.sensor)
  .process({
    state: spec,
    emits: typed<{ sensor: string; jump: number }>(),
    onRecord(reading, ctx) {
      expectTypeOf(ctx.key).toEqualTypeOf<string>();
      expectTypeOf(ctx.state).toEqualTypeOf<StatesOf<typeof spec>>();
      expectTypeOf(reading.t).toEqualTypeOf<number>();
      ctx.state.last.set(reading.value);
      ctx.emit({ sensor: ctx.key, jump: reading.value });
      // @ts-expect-error a state that is not declared
      void ctx.state.first;
      // @ts-expect-error not what it emits
      ctx.emit(1);
    },
    onEventTimer(time, ctx) {
      expectTypeOf(time).toEqualTypeOf<number>();
      expectTypeOf(ctx.state.cart.get()).toEqualTypeOf<Cart>();
    },
  });
expectTypeOf(jumps).toEqualTypeOf<DataStream<{ sensor: string; jump: number }, true>>();
