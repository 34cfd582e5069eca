import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { memoryCheckpoints } from '../../src/index.ts';
import { directory } from '../../src/node.ts';
import { checkpointStorageContract } from '../../src/testing.ts';

describe('memoryCheckpoints keeps the contract of a checkpoint storage', () => {
  for (const { name, run } of checkpointStorageContract(() => ({ storage: memoryCheckpoints() }))) test(name, run);
});

describe('directory keeps the contract of a checkpoint storage', () => {
  const cases = checkpointStorageContract(() => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-storage-'));
    return {
      storage: directory(join(folder, 'state')),
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    };
  });
  for (const { name, run } of cases) test(name, { timeout: 20_000 }, run);
});
