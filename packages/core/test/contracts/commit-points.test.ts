import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { memoryCheckpoints, silentLogger, type CheckpointStore } from '../../src/index.ts';
import { FolderCommits } from '../../src/platform/files/folder-commits.ts';
import { nodeMachine } from '../../src/platform/node/node-machine.ts';
import { systemClock, systemScheduler } from '../../src/platform/web/index.ts';
import { commitPointContract } from '../../src/testing.ts';

describe('memoryCheckpoints keeps the contract of a commit point', () => {
  const cases = commitPointContract(() => {
    const storage = memoryCheckpoints();
    const context = { job: 'job', token: 't', machine: undefined, onLost: () => undefined };
    const time = { clock: systemClock, scheduler: systemScheduler, logger: silentLogger };
    let last: CheckpointStore | undefined;
    return {
      async begin() {
        await last?.close();
        const store = await storage.open({ ...context, ...time });
        last = store;
        return { commitPoint: store.commitPoint, write: (name) => store.writeManifest(name, new Uint8Array(1)) };
      },
    };
  });
  for (const { name, run } of cases) test(name, run);
});

describe('a folder keeps the contract of a commit point', () => {
  const cases = commitPointContract(() => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-commits-'));
    let lives = 0;
    return {
      async begin() {
        const commitPoint = new FolderCommits(folder, nodeMachine.files);
        await commitPoint.prepare(`token${++lives}`);
        return { commitPoint, write: () => Promise.resolve() };
      },
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    };
  });
  for (const { name, run } of cases) test(name, run);
});
