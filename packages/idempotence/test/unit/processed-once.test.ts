import { expect, it } from 'vitest';
import { memoryStore, postgresStore, processedOnce, redisStore, type OnceStore } from '../../src/index.ts';

interface Order {
  readonly id: string;
}

/** What a test calls with values that its types would not let it write. */
const untyped = (value: unknown): never => value as never;

it('calls the handler once for each id, with the record and what the store has for it', async () => {
  const asked: unknown[] = [];
  const store: OnceStore<{ readonly tx: number }> = {
    name: 'test',
    guarantee: 'at-least-once',
    async once(id, ttlMs, act) {
      asked.push([id, ttlMs]);
      if (id === 'seen') return false;
      await act({ tx: 7 });
      return true;
    },
  };
  const handled: unknown[] = [];
  const handle = processedOnce({ id: ({ id }: Order) => id, store, ttl: '2s' })((order, { tx }) => {
    handled.push([order, tx]);
  });
  await handle({ id: 'a' });
  await handle({ id: 'seen' });
  expect(asked).toEqual([
    ['a', 2_000],
    ['seen', 2_000],
  ]);
  expect(handled).toEqual([[{ id: 'a' }, 7]]);
});

it('remembers for seven days unless it is told otherwise', async () => {
  const asked: number[] = [];
  const store: OnceStore<object> = {
    name: 'test',
    guarantee: 'at-least-once',
    once: (_, ttlMs) => Promise.resolve(asked.push(ttlMs) > 0),
  };
  await processedOnce({ id: ({ id }: Order) => id, store })(() => undefined)({ id: 'a' });
  expect(asked).toEqual([7 * 24 * 3_600_000]);
});

it.each([
  [undefined, 'id() of processedOnce() returned undefined; it must return text of 1 to 500 characters'],
  [12, 'returned 12'],
  ['', 'returned text of 0 characters'],
  ['x'.repeat(501), 'returned text of 501 characters'],
  // PostgreSQL takes no such text, and two ids with halves of characters become the same one when they are written as UTF-8.
  ['a\u0000b', 'returned text with a character that cannot be stored (U+0000, or half of a surrogate pair)'],
  ['a\ud800', 'returned text with a character that cannot be stored (U+0000, or half of a surrogate pair)'],
])('refuses the id %j', async (id, message) => {
  const handle = processedOnce({ id: () => untyped(id), store: memoryStore() })(() => undefined);
  await expect(handle({})).rejects.toMatchObject({
    code: 'RECORD_MALFORMED',
    message: expect.stringContaining(message) as string,
  });
});

it.each<[() => unknown, string]>([
  [
    () => processedOnce(untyped({ id: 'id', store: memoryStore() })),
    'id of processedOnce() is "id", but must be a function',
  ],
  [() => processedOnce({ id: () => 'a', store: untyped(undefined) }), 'store of processedOnce() is undefined'],
  [() => processedOnce({ id: () => 'a', store: memoryStore(), ttl: untyped('soon') }), 'ttl of processedOnce()'],
  [() => processedOnce({ id: () => 'a', store: memoryStore() })(untyped(5)), 'handler of processedOnce() is 5'],
  [() => processedOnce(untyped({ id: () => 'a', store: memoryStore(), tll: 1 })), '{ tll }'],
  [() => memoryStore({ max: 0 }), 'max of memoryStore() is 0, but must be a whole number from 1 on'],
  [() => redisStore(untyped({})), 'client of redisStore() is'],
  [() => redisStore(untyped({ call: () => undefined }), { lease: untyped(-1) }), 'lease of redisStore()'],
  [
    () => redisStore(untyped({ call: () => undefined }), { prefix: 'billing' }),
    'prefix of redisStore() is "billing", but must be text that ends with \':\'',
  ],
  [
    () => postgresStore(untyped({ connect: () => undefined }), { scope: 'x'.repeat(201) }),
    'scope of postgresStore() is',
  ],
  [() => postgresStore(untyped({ connect: () => undefined }), { scope: 'a\u0000' }), 'scope of postgresStore() is'],
  [() => postgresStore(untyped(null)), 'pool of postgresStore() is null, but must be a Pool of pg'],
  [
    () => postgresStore(untyped({ connect: () => undefined }), { table: 'a; DROP TABLE b' }),
    'table of postgresStore() is',
  ],
  [() => postgresStore(untyped({ connect: () => undefined }), { scope: '' }), 'scope of postgresStore() is ""'],
])('refuses wrong options %#', (make, message) => {
  expect(make).toThrow(message);
});

it('says so when a handler is called for the id that it has under way: it would wait for itself for ever', async () => {
  const once = processedOnce({ id: ({ id }: Order) => id, store: memoryStore() });
  const inner = once(() => undefined);
  const outer = once(async ({ id }) => {
    await inner({ id: 'another' });
    await inner({ id });
  });
  await expect(outer({ id: 'a' })).rejects.toMatchObject({
    code: 'JOB_STATE',
    message: expect.stringContaining("id 'a' is under way in the handler that calls for it") as string,
  });
  // What has nothing to do with each other may have the same id at the same time.
  const acted: string[] = [];
  const handle = once(async () => void acted.push('b'));
  await Promise.all([handle({ id: 'b' }), handle({ id: 'b' })]);
  expect(acted).toEqual(['b']);
});

it('the same id in two stores, one in the other, is none of that', async () => {
  const acted: string[] = [];
  const make = () => processedOnce({ id: ({ id }: Order) => id, store: memoryStore() });
  const inner = make()(async () => void acted.push('inner'));
  await make()(async (order) => {
    await inner(order);
    acted.push('outer');
  })({ id: 'a' });
  expect(acted).toEqual(['inner', 'outer']);
});
