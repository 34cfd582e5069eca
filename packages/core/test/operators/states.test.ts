import { produce } from 'immer';
import { describe, expect, it } from 'vitest';
import {
  aggregatingState,
  array,
  avg,
  decimal,
  double,
  listState,
  mapState,
  optional,
  reducingState,
  string,
  struct,
  valueState,
  type StateSpec,
} from '../../src/index.ts';
import { stateKit, type StateKit } from './state-kit.ts';

interface Cart {
  readonly items: readonly { readonly name: string; readonly n: number }[];
}

/** The kit itself, and one restored from its snapshot. */
const both = <S extends StateSpec>(kit: StateKit<S>): readonly StateKit<S>[] => [kit, kit.restored()];

describe('valueState', () => {
  it('is per key, gives undefined until it is set and after it was cleared, and leaves nothing behind', () => {
    const kit = stateKit({ v: valueState<number>() });
    expect(kit.of('a').v.get()).toBeUndefined();
    kit.of('a').v.set(1);
    kit.of('b').v.set(2);
    expect([kit.of('a').v.get(), kit.of('b').v.get(), kit.of('c').v.get()]).toEqual([1, 2, undefined]);
    kit.of('a').v.clear();
    expect(kit.of('a').v.get()).toBeUndefined();
    expect(kit.entries).toBe(1);
  });

  it('keys are compared by value', () => {
    const kit = stateKit({ v: valueState<number>() });
    kit.of({ x: 1, y: ['a'] }).v.set(1);
    for (const one of both(kit)) expect(one.of({ y: ['a'], x: 1 }).v.get()).toBe(1);
  });

  it('false, 0, empty text and null are values; undefined is none', () => {
    const kit = stateKit({ v: valueState<unknown>() });
    for (const value of [false, 0, '', null]) {
      kit.of('a').v.set(value);
      for (const one of both(kit)) expect(one.of('a').v.get()).toBe(value);
    }
    kit.of('a').v.set(undefined);
    expect(kit.entries).toBe(0);
  });

  it('gives its initial value where nothing was set, each time a new one, without keeping it', () => {
    const kit = stateKit({ v: valueState<number[]>({ initial: () => [] }) });
    kit.of('a').v.get().push(1);
    expect(kit.of('a').v.get()).toEqual([]);
    expect(kit.entries).toBe(0);
    kit.of('a').v.update((v) => [...v, 7]);
    expect(kit.of('a').v.get()).toEqual([7]);
    kit.of('a').v.clear();
    expect(kit.of('a').v.get()).toEqual([]);
  });

  it('update takes the curried produce of immer; what was handed out before stays as it was', () => {
    const kit = stateKit({ cart: valueState<Cart>({ initial: () => ({ items: [] }) }) });
    const add = (name: string) =>
      produce<Cart>((draft) => {
        const known = draft.items.find((item) => item.name === name);
        if (known === undefined) draft.items.push({ name, n: 1 });
        else known.n++;
      });
    const { cart } = kit.of('a');
    cart.update(add('tea'));
    const before = cart.get();
    cart.update(add('tea'));
    cart.update(add('milk'));
    expect(before).toEqual({ items: [{ name: 'tea', n: 1 }] });
    for (const one of both(kit)) {
      expect(one.of('a').cart.get()).toEqual({
        items: [
          { name: 'tea', n: 2 },
          { name: 'milk', n: 1 },
        ],
      });
    }
    expect(Object.isFrozen(cart.get())).toBe(true);
  });

  it('an update that throws changes nothing', () => {
    const kit = stateKit({ v: valueState<number>() });
    kit.of('a').v.set(1);
    expect(() =>
      kit.of('a').v.update(() => {
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(kit.of('a').v.get()).toBe(1);
  });
});

describe('listState', () => {
  it('keeps the order of adding; set replaces all; an empty list leaves nothing behind', () => {
    const kit = stateKit({ l: listState<number>() });
    const { l } = kit.of('a');
    expect(l.get()).toEqual([]);
    l.add(1);
    l.addAll(new Set([3, 2]));
    l.addAll([]);
    for (const one of both(kit)) expect(one.of('a').l.get()).toEqual([1, 3, 2]);
    l.set(l.get().map((n) => 2 * n));
    expect(l.get()).toEqual([2, 6, 4]);
    l.set([]);
    expect(kit.entries).toBe(0);
    l.add(1);
    l.clear();
    expect(kit.entries).toBe(0);
  });

  it('get gives a snapshot that neither changes later nor changes the state', () => {
    const kit = stateKit({ l: listState<number>() });
    const { l } = kit.of('a');
    const source = [1, 2];
    l.addAll(source);
    source.push(99);
    const before = l.get() as number[];
    l.add(3);
    before.push(77);
    expect(before).toEqual([1, 2, 77]);
    expect(l.get()).toEqual([1, 2, 3]);
  });

  it('set with an iterable that throws half-way, or reads the list itself, loses nothing', () => {
    const kit = stateKit({ l: listState<number>() });
    const { l } = kit.of('a');
    l.addAll([1, 2]);
    function* failing() {
      yield 5;
      throw new Error('half');
    }
    function* own() {
      yield* l.get();
      yield 3;
    }
    expect(() => l.set(failing())).toThrow('half');
    expect(() => l.addAll(failing())).toThrow('half');
    expect(l.get()).toEqual([1, 2]);
    l.set(own());
    expect(l.get()).toEqual([1, 2, 3]);
  });
});

describe('mapState', () => {
  it('behaves as a Map of the current key, in the order of first setting', () => {
    const kit = stateKit({ m: mapState<string, number>() });
    const { m } = kit.of('a');
    expect([m.isEmpty, m.get('x'), m.has('x'), [...m.entries()]]).toEqual([true, undefined, false, []]);
    m.set('x', 1);
    m.set('y', 0);
    m.update('x', (n) => (n ?? 0) + 10);
    m.update('z', (n) => (n ?? 0) + 5);
    for (const one of both(kit)) {
      const { m: map } = one.of('a');
      expect([...map.entries()]).toEqual([
        ['x', 11],
        ['y', 0],
        ['z', 5],
      ]);
      expect([...map.keys()]).toEqual(['x', 'y', 'z']);
      expect([...map.values()]).toEqual([11, 0, 5]);
      expect([map.has('y'), map.isEmpty]).toEqual([true, false]);
    }
    expect(kit.of('b').m.isEmpty).toBe(true);
    kit.of('a');
    for (const key of m.keys()) m.delete(key);
    m.delete('never there');
    expect(kit.entries).toBe(0);
    m.set('x', 1);
    m.clear();
    expect(kit.entries).toBe(0);
  });

  it('its keys are compared by value, also after a restore', () => {
    const kit = stateKit({ m: mapState<readonly [string, number] | { a: number }, string>() });
    kit.of('k').m.set(['x', 1], 'tuple');
    kit.of('k').m.set({ a: 1 }, 'object');
    for (const one of both(kit)) {
      const { m } = one.of('k');
      expect(m.get(['x', 1])).toBe('tuple');
      expect(m.get({ a: 1 })).toBe('object');
      expect(m.has(['x', 2])).toBe(false);
      m.set(['x', 1], 'again');
      expect([...m.entries()]).toHaveLength(2);
      m.delete(['x', 1]);
      expect([...m.values()]).toEqual(['object']);
      m.set(['x', 1], 'tuple');
    }
  });

  it('refuses keys that cannot be compared by value', () => {
    const { m } = stateKit({ m: mapState<Date, number>() }).of('k');
    expect(() => m.set(new Date(0), 1)).toThrow(/instance of Date, which cannot be compared by value/);
  });

  it('may be changed while its entries are gone through', () => {
    const kit = stateKit({ m: mapState<number, number>() });
    const { m } = kit.of('a');
    for (let i = 0; i < 4; i++) m.set(i, i);
    for (const [key] of m.entries()) {
      m.delete(key);
      m.set(key + 10, key);
    }
    expect([...m.keys()]).toEqual([10, 11, 12, 13]);
  });
});

describe('reducingState and aggregatingState', () => {
  it('reducingState keeps one value: the first, then what reduce makes', () => {
    const kit = stateKit({ r: reducingState<number>((a, b) => a * 10 + b) });
    expect(kit.of('a').r.get()).toBeUndefined();
    for (const n of [1, 2, 3]) kit.of('a').r.add(n);
    for (const one of both(kit)) {
      expect(one.of('a').r.get()).toBe(123);
      one.of('a').r.add(4);
      expect(one.of('a').r.get()).toBe(1234);
      one.of('a').r.clear();
      expect(one.entries).toBe(0);
      for (const n of [1, 2, 3]) one.of('a').r.add(n);
    }
  });

  it('aggregatingState keeps the accumulator and gives the result', () => {
    const kit = stateKit({ mean: aggregatingState(avg((n: number) => n)) });
    expect(kit.of('a').mean.get()).toBeUndefined();
    for (const n of [1, 2, 6]) kit.of('a').mean.add(n);
    for (const one of both(kit)) {
      expect(one.of('a').mean.get()).toBe(3);
      one.of('a').mean.add(11);
      expect(one.of('a').mean.get()).toBe(5);
      one.of('a').mean.clear();
      expect(one.entries).toBe(0);
      for (const n of [1, 2, 6]) one.of('a').mean.add(n);
    }
  });

  it('a reduce that throws leaves the value as it was', () => {
    const reduce = (a: number, b: number): number => {
      if (b < 0) throw new Error('negative');
      return a + b;
    };
    const { r } = stateKit({ r: reducingState(reduce) }).of('a');
    r.add(1);
    expect(() => r.add(-1)).toThrow('negative');
    expect(r.get()).toBe(1);
  });
});

describe('states in development', () => {
  const item = () => ({ name: 'tea', tags: ['a'] });
  type Item = ReturnType<typeof item>;
  const spec = (ttl: { readonly ttl?: { readonly after: 10 } }) => ({
    v: valueState<Item>(ttl),
    initial: valueState<Item>({ ...ttl, initial: item }),
    l: listState<Item>(ttl),
    m: mapState<string, Item>(ttl),
    r: reducingState<Item>((a, b) => ({ name: b.name, tags: [...a.tags, ...b.tags] }), ttl),
  });

  it.each([{}, { ttl: { after: 10 } } as const])(
    'hand out frozen values: changing one in place is an error, %j',
    (ttl) => {
      const { v, initial, l, m, r } = stateKit(spec(ttl), undefined, undefined, true).of('k');
      v.set(item());
      l.add(item());
      m.set('x', item());
      r.add(item());
      r.add(item());
      const handedOut = [
        v.get(),
        initial.get(),
        l.get()[0],
        m.get('x'),
        [...m.values()][0],
        [...m.entries()][0]?.[1],
        r.get(),
      ];
      for (const one of handedOut) expect(() => one?.tags.push('b')).toThrow(TypeError);
      expect(() => (l.get() as Item[]).push(item())).toThrow(TypeError);
      v.update((old) => ({ name: 'jam', tags: [...(old?.tags ?? []), 'b'] }));
      expect(v.get()).toEqual({ name: 'jam', tags: ['a', 'b'] });
      initial.update(
        produce((draft: Item) => {
          draft.tags.push('c');
        }),
      );
      expect(initial.get().tags).toEqual(['a', 'c']);
    },
  );

  it('freeze what goes in: who changes it afterwards gets the error', () => {
    const { v, l, m, r } = stateKit(spec({}), undefined, undefined, true).of('k');
    const given = [item(), item(), item(), item(), item()] as const;
    v.set(given[0]);
    l.add(given[1]);
    m.set('x', given[2]);
    r.add(given[3]);
    r.add(given[4]);
    for (const one of given) expect(() => one.tags.push('b')).toThrow(TypeError);
  });

  it('leave alone what cannot be frozen, and the accumulators of aggregates', () => {
    const last = { create: () => [0], add: (a: number[], n: number) => (a.push(n), a), merge: (a: number[]) => a };
    const kit = stateKit(
      {
        v: valueState<unknown>(),
        a: aggregatingState({ ...last, result: (all: number[]) => all.length }),
      },
      undefined,
      undefined,
      true,
    );
    const { v, a } = kit.of('k');
    const values = [new Uint8Array([1]), new Map([[1, [2]]]), new Date(0), null, 1n];
    v.set(values);
    expect(v.get()).toEqual(values);
    for (let n = 1; n <= 3; n++) {
      a.add(n);
      expect(a.get()).toBe(n + 1);
    }
  });
});

describe('states with a schema', () => {
  const Item = struct({ name: string(), price: decimal(20, 2), note: optional(string()) });
  const Order = struct({ id: string(), items: array(Item), paid: optional(struct({ at: double() })) });
  const order = {
    id: 'a',
    items: [
      { name: 'tea', price: 5n },
      { name: 'jam', price: 7n, note: 'new' },
    ],
    paid: { at: -0 },
  };
  const spec = { v: valueState({ schema: Order }), l: listState({ schema: Item }), m: mapState({ schema: Item }) };
  const ttl = { after: '1h' } as const;
  const living = {
    v: valueState({ schema: Order, ttl }),
    l: listState({ schema: Item, ttl }),
    m: mapState({ schema: Item, ttl }),
  };

  it.each([spec, living])(
    'come back exactly, absent fields stay absent, and names of fields are not written',
    (states) => {
      const kit = stateKit(states);
      const { v, l, m } = kit.of('k');
      v.set(order);
      l.addAll(order.items);
      m.set(['x', 1], { name: 'egg', price: 1n });
      const text = JSON.stringify(kit.snapshot(), (_name, part: unknown) =>
        part instanceof Uint8Array ? String.fromCharCode(...part) : part,
      );
      expect(text).toContain('tea');
      expect(text).not.toContain('price');
      const again = kit.restored().of('k');
      expect(again.v.get()).toStrictEqual(order);
      expect(again.l.get()).toStrictEqual(order.items);
      expect(again.m.get(['x', 1])).toStrictEqual({ name: 'egg', price: 1n });
    },
  );

  it('refuse at the snapshot what the schema does not describe, instead of losing it', () => {
    const kit = stateKit({ v: valueState({ schema: Item }) });
    kit.of('k').v.set({ name: 'tea', price: 1n, colour: 'green' } as never);
    expect(() => kit.snapshot()).toThrow(/'colour'.*schema says an object of name, price, note/);
    kit.of('k').v.set(5 as never);
    expect(() => kit.snapshot()).toThrow(/a value of state is 5, but its schema says an object/);
    const list = stateKit({ v: valueState({ schema: array(Item) }) });
    list.of('k').v.set('no list' as never);
    expect(() => list.snapshot()).toThrow(/no list, but its schema says an array/);
  });

  it('are not read with another number of fields', () => {
    const kit = stateKit({ v: valueState({ schema: Item }) });
    kit.of('k').v.set({ name: 'tea', price: 1n });
    const other = { v: valueState({ schema: struct({ name: string() }) }) };
    expect(() => stateKit(other, kit.snapshot())).toThrow(/another schema than struct\({ name }\)/);
  });
});

describe('wrong options', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no object', () => valueState('1h' as never), /options of valueState\(\) is "1h"/],
    ['null', () => listState(null as never), /options of listState\(\) is null/],
    ['initial', () => valueState({ initial: 0 as never }), /initial of valueState\(\) is 0, but must be a function/],
    ['ttl', () => mapState({ ttl: '1h' as never }), /ttl of mapState\(\) is "1h", but must be an object/],
    ['ttl.after', () => mapState({ ttl: { after: 0 } }), /ttl.after of mapState\(\) is 0, but must be longer than 0/],
    ['ttl.after', () => mapState({ ttl: { after: '1 h' as never } }), /ttl.after of mapState\(\) is "1 h"/],
    ['ttl.renewedBy', () => listState({ ttl: { after: 1, renewedBy: 'read' as never } }), /'write' or 'readAndWrite'/],
    ['ttl.time', () => listState({ ttl: { after: 1, time: 'wall' as never } }), /'event' or 'processing'/],
    ['schema', () => listState({ schema: {} as never }), /schema of listState\(\) is an object, but must be a schema/],
    ['reduce', () => reducingState(undefined as never), /reducingState\(reduce\) is undefined/],
    [
      'aggregate',
      () => aggregatingState({} as never),
      /aggregatingState\(aggregate\) is an object, but must be an agg/,
    ],
    ['misspelt', () => valueState({ tll: { after: 1 } } as never), /tll.*must be made of ttl, schema, initial/],
  ])('%s', (_what, make, message) => {
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }) as Error);
  });

  it('descriptors are frozen', () => {
    const all = [valueState(), listState(), mapState(), reducingState(Math.max), aggregatingState(avg(Number))];
    for (const descriptor of all) expect(Object.isFrozen(descriptor)).toBe(true);
  });
});
