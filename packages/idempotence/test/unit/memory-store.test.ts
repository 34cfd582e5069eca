import { expect, it } from 'vitest';
import { memoryStore } from '../../src/index.ts';

const HOUR = 3_600_000;

it('acts once for each id', async () => {
  const store = memoryStore();
  const acted: string[] = [];
  const act = (id: string) => store.once(id, HOUR, async () => void acted.push(id));
  expect([await act('a'), await act('b'), await act('a')]).toEqual([true, true, false]);
  expect(acted).toEqual(['a', 'b']);
});

it('acts again after a failure, which goes on to whoever has called', async () => {
  const store = memoryStore();
  await expect(store.once('a', HOUR, () => Promise.reject(new Error('down')))).rejects.toThrow('down');
  expect(await store.once('a', HOUR, () => Promise.resolve())).toBe(true);
});

it('lets a second call with the same id wait for the first, and act only if that fails', async () => {
  const store = memoryStore();
  let end: (error?: Error) => void = () => undefined;
  const first = store.once(
    'a',
    HOUR,
    () => new Promise((resolve, reject) => (end = (e) => (e ? reject(e) : resolve()))),
  );
  let acted = 0;
  const others = [1, 2, 3].map(() => store.once('a', HOUR, async () => void acted++));
  await Promise.resolve();
  expect(acted).toBe(0);
  end(new Error('down'));
  await expect(first).rejects.toThrow('down');
  expect((await Promise.all(others)).sort()).toEqual([false, false, true]);
  expect(acted).toBe(1);
});

it('forgets an id after its time, and the oldest of more than max', async () => {
  const store = memoryStore({ max: 2 });
  const act = (id: string, ttlMs: number = HOUR) => store.once(id, ttlMs, () => Promise.resolve());
  expect(await act('short', 1)).toBe(true);
  await expect.poll(() => act('short', 1)).toBe(true);
  for (const id of ['a', 'b', 'c']) await act(id);
  expect([await act('c'), await act('b'), await act('a')]).toEqual([false, false, true]);
});
