import { expect, it } from 'vitest';
import { MUTANTS } from '../../simulation/mutants.ts';
import { mutated } from '../../simulation/run-mutant.ts';
import { ALL_STEPS, runSeed } from '../../simulation/run-seed.ts';
import { addReport, gapsIn, noTotals, tableOf } from '../../simulation/totals.ts';

it('nothing is lost, duplicated or wrong in 240 schedules, 80 of them on Kafka', async () => {
  const totals = noTotals();
  for (let seed = 1; seed <= 240; seed++) addReport(totals, await runSeed(seed));
  expect(totals.failure).toBe(undefined);
  expect(totals).toMatchObject({ schedules: 240, lost: 0, duplicated: 0, wrong: 0 });
  expect(Object.keys(totals.kinds).length).toBeGreaterThanOrEqual(20);
  expect(gapsIn(totals)).toEqual([]);
  for (const step of ALL_STEPS) expect(tableOf(totals)).toContain(step);
}, 300_000);

it('a seed gives the same schedule again', async () => {
  expect(await runSeed(4711)).toEqual(await runSeed(4711));
  expect(await runSeed(4710)).toEqual(await runSeed(4710));
});

it('schedules that reach too little are told', () => {
  const totals = { ...noTotals(), schedules: 2_000, crashedAfterCommit: 1_799 };
  expect(gapsIn(totals)).toContain('only 1799 of 2000 schedules crash after the first commit');
  expect(gapsIn(totals)).toContain("step 'commit linked': 0 crashes before, 0 after it");
});

it('every mutant still fits the sources', () => {
  expect(MUTANTS.length).toBeGreaterThanOrEqual(10);
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  for (const mutant of MUTANTS) expect(mutated(mutant)).not.toBe('');
});
