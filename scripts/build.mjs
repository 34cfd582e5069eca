/** Builds the packages into their dist folders: JavaScript and source maps by tsup, declarations by tsc. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, setupOrExit } from './setup.mjs';
import { bin, node } from './tools.mjs';

await setupOrExit('build');
const core = join(ROOT, 'packages', 'core');
const kafka = join(ROOT, 'packages', 'kafka');
const registry = join(ROOT, 'packages', 'registry');
const idempotence = join(ROOT, 'packages', 'idempotence');
const prometheus = join(ROOT, 'packages', 'prometheus');
const cli = join(ROOT, 'packages', 'cli');

// npm packs README and LICENSE only from the package's own folder; the ones in the repository are at its top.
for (const file of ['README.md', 'LICENSE']) copyFileSync(join(ROOT, file), join(core, file));
for (const folder of [kafka, registry, idempotence, prometheus, cli])
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));

// In this order: the declarations of the others are made against those of the first.
for (const folder of [core, kafka, registry, idempotence, prometheus, cli]) {
  for (const step of [
    [bin('tsup'), '--silent'],
    [bin('typescript', 'tsc'), '-p', 'tsconfig.build.json'],
  ]) {
    const code = await node(step, { cwd: folder });
    if (code !== 0) process.exit(code);
  }
  asPublished(join(folder, 'dist'));
}

/**
 * tsc leaves the sources' `./x.ts` in declarations. Its own resolution finds `./x.d.ts` behind it; that of other tools expects
 * the file that exists at run time.
 */
function asPublished(dist) {
  for (const name of readdirSync(dist, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(dist, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replaceAll(/(\bfrom |\bimport\(|^import )(['"])(\.[^'"\n]*)\.ts\2/gm, '$1$2$3.js$2'));
  }
}
