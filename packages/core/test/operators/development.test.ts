import { describe, expect, it } from 'vitest';
import { dataflow, listState, mapState, memory, memorySink, typed, valueState } from '../../src/index.ts';

interface Cart {
  items: string[];
}

/** Runs a function that changes what it got from state in place. */
async function outcome(change: 'value' | 'list' | 'map' | 'record', development: boolean): Promise<unknown> {
  const flow = dataflow('development');
  flow
    .from('numbers', memory([{ n: 1 }, { n: 2 }]))
    .keyBy(() => 'all')
    .process({
      state: { cart: valueState<Cart>(), list: listState<Cart>(), map: mapState<string, Cart>() },
      emits: typed<number>(),
      onRecord(record, ctx) {
        const { cart, list, map } = ctx.state;
        if (change === 'record') (record as { n: number }).n = 7;
        if (change === 'value') cart.get()?.items.push('x');
        if (change === 'list') list.get()[0]?.items.push('x');
        if (change === 'map') map.get('k')?.items.push('x');
        cart.set({ items: [] });
        list.add({ items: [] });
        map.set('k', { items: [] });
      },
    })
    .to('out', memorySink());
  const handle = await flow.run({ development });
  return handle.done.then(
    () => 'done',
    (error: Error) => error.message,
  );
}

it('a process function that is async is refused: it would work on the state of another key', async () => {
  const flow = dataflow('async');
  flow
    .from('numbers', memory([1]))
    .keyBy((n) => n)
    // The type of the callback allows it: a function that gives nothing may give a promise.
    .process({ emits: typed<number>(), onRecord: (() => Promise.resolve()) as () => void })
    .to('out', memorySink());
  const handle = await flow.run();
  await expect(handle.done).rejects.toThrow('process functions cannot be async');
});

describe('development mode', () => {
  it.each(['value', 'list', 'map', 'record'] as const)(
    'a %s that is changed in place is an error with the cure',
    async (what) => {
      expect(await outcome(what, true)).toMatch(
        /process function of '.*put it in place by set\(\.\.\.\) or update\(\.\.\.\)/,
      );
    },
  );

  it('outside of it nothing is frozen', async () => {
    expect(await outcome('value', false)).toBe('done');
  });
});
