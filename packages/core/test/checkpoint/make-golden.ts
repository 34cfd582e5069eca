/**
 * Writes test/checkpoint/golden/format-1: a checkpoint in the middle of the job of golden.ts. To be run once per format, by
 * hand; what it wrote is kept, and every later version must restore it.
 *
 *   node --conditions=millrace-source --import tsx packages/core/test/checkpoint/make-golden.ts
 */
import { mkdirSync, rmSync } from 'node:fs';
import { memorySink, silentLogger } from '../../src/index.ts';
import { directory } from '../../src/node.ts';
import { GOLDEN, goldenFlow, CLICKS } from './golden.ts';

rmSync(GOLDEN, { recursive: true, force: true });
mkdirSync(GOLDEN, { recursive: true });
const handle = await goldenFlow(memorySink(), memorySink(), 2_000).run({
  checkpoints: directory(GOLDEN, { retain: 1 }),
  commitInterval: '20ms',
  logger: silentLogger,
  onEvent: (event) => {
    if (event.type === 'checkpoint' && event.id === 4) void handle.stop();
  },
});
await handle.done;
console.log(`${GOLDEN}: ${handle.metrics().operators[0]?.in} of ${CLICKS.length} clicks`);
