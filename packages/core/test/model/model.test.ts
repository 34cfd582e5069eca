import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compareCase } from '../vectors-adapter/compare.ts';
import { readVectors } from '../vectors-adapter/runner.ts';
import { supports } from '../vectors-adapter/index.ts';
import { modelRun } from './index.ts';

const DEV = fileURLToPath(new URL('../vectors/dev', import.meta.url));

test('the independent model gives what real Flink gave', () => {
  let passed = 0;
  for (const vector of readVectors(DEV)) {
    if (vector.flags !== undefined || !supports(vector)) continue;
    expect(compareCase(vector, modelRun(vector)), vector.id).toBeNull();
    passed++;
  }
  expect(passed).toBe(1016);
});
