/** Builds packages/core into its dist folder: JavaScript and source maps by tsup, declarations by tsc. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, setupOrExit } from './setup.mjs';
import { bin, node } from './tools.mjs';

await setupOrExit('build');
const core = join(ROOT, 'packages', 'core');

// npm packs README and LICENSE only from the package's own folder; the ones in the repository are at its top.
for (const file of ['README.md', 'LICENSE']) copyFileSync(join(ROOT, file), join(core, file));

const steps = [
  [bin('tsup'), '--silent'],
  [bin('typescript', 'tsc'), '-p', 'tsconfig.build.json'],
];
for (const step of steps) {
  const code = await node(step, { cwd: core });
  if (code !== 0) process.exit(code);
}
