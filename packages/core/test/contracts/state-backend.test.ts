import { describe, test } from 'vitest';
import { HeapBackend } from '../../src/state/index.ts';
import { stateBackendContract } from '../../src/testing.ts';

describe('HeapBackend keeps the contract of a state backend', () => {
  for (const { name, run } of stateBackendContract((id) => new HeapBackend(id, { tracking: true }))) test(name, run);
});
