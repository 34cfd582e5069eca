import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { caseOf } from './cases.ts';
import { differenceOf, shrink } from './check.ts';
import { MUTANTS } from './mutants.ts';
import { mutated } from './run-mutants.ts';

/** `npm run fuzz` runs as many as one likes; these are for every change. */
const SCRIPTS = Number(process.env['MILLRACE_RUNS'] ?? 2_000);
const SEED = Number(process.env['MILLRACE_SEED'] ?? randomInt(1, 1_000_000_000));

test(`random scripts give what the independent model gives (seed ${SEED})`, async () => {
  for (let seed = SEED; seed < SEED + SCRIPTS; seed++) {
    const difference = await differenceOf(caseOf(seed), 'both');
    if (difference === undefined) continue;
    const small = await shrink(caseOf(seed), 'both');
    expect.fail(`seed ${seed}: ${JSON.stringify(small)}\n${JSON.stringify(await differenceOf(small, 'both'))}`);
  }
});

test('the scripts of a seed are always the same, and cover every kind', () => {
  expect(caseOf(7)).toEqual(caseOf(7));
  const kinds = new Set(Array.from({ length: 500 }, (_, seed) => caseOf(seed).kind));
  expect([...kinds].toSorted()).toEqual([
    'coProcess',
    'mux',
    'process',
    'valve',
    'watermarks',
    'window',
    'windowChain',
  ]);
});

test('every mutant names a line that is there', () => {
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  for (const mutant of MUTANTS) expect(mutated(mutant)).toContain(mutant.replace);
});
