import { expect, it } from 'vitest';
import { killProducers, type KillsOptions, type KillsResult } from '../setup/producer-kills.ts';

const KILLS_PER_RUN = 5;
const clean = { lost: [], unordered: [], wrong: [], problems: [] };

async function runs(count: number, options: Omit<KillsOptions, 'seed' | 'kills'>): Promise<readonly KillsResult[]> {
  const results: KillsResult[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const result = await killProducers({ ...options, seed, kills: KILLS_PER_RUN });
    const { lost, unordered, wrong, problems } = result;
    expect({ seed, lost, unordered, wrong, problems }).toEqual({ seed, ...clean });
    results.push(result);
  }
  return results;
}

const sum = (results: readonly KillsResult[], what: 'kills' | 'powerLosses' | 'accepted'): number =>
  results.reduce((total, one) => total + one[what], 0);

it('1,000 SIGKILLs: each accepted event is delivered at least once, in the order of its key', async () => {
  const results = await runs(1_000 / KILLS_PER_RUN, {});
  expect(sum(results, 'kills')).toBe(1_000);
  expect(sum(results, 'accepted')).toBeGreaterThan(5_000);
  const places = new Map<string, number>();
  for (const place of results.flatMap((result) => result.places)) places.set(place, (places.get(place) ?? 0) + 1);
  for (const operation of ['append', 'sync', 'create', 'remove', 'syncFolder', 'read', 'output sent'])
    for (const side of ['before', 'after'])
      expect([operation, side, (places.get(`${operation}, ${side}`) ?? 0) > 0]).toEqual([operation, side, true]);
}, 300_000);

it('losses of power: the same', async () => {
  const results = await runs(60, { powerLoss: 0.7 });
  expect(sum(results, 'powerLosses')).toBeGreaterThan(150);
});

it('a disk that makes nothing durable is found out: the check can fail', async () => {
  const lost = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const result = await killProducers({ seed, kills: KILLS_PER_RUN, powerLoss: 1, lyingDisk: true });
    for (const event of result.lost) lost.add(`${seed} ${event}`);
  }
  expect(lost.size).toBeGreaterThan(0);
});
