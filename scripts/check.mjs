/**
 * `npm run check`: packs the packages, which have just been built, as npm would publish them, and examines the tarballs:
 * what it must hold, then publint (its package.json) and attw (its types under every module resolution).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bin, node, npm } from './tools.mjs';

const PACKAGES = [
  { folder: 'packages/core', entries: ['index', 'node', 'testing'] },
  { folder: 'packages/kafka', entries: ['index', 'testing'] },
  { folder: 'packages/cli', entries: ['index', 'main'] },
  { folder: 'packages/prometheus', entries: ['index'] },
  { folder: 'packages/idempotence', entries: ['index'] },
  { folder: 'packages/registry', entries: ['index'] },
];

const mustHold = (entries) =>
  ['package.json', 'README.md', 'LICENSE'].concat(
    entries.flatMap((entry) => [`dist/${entry}.js`, `dist/${entry}.js.map`, `dist/${entry}.d.ts`]),
  );

/** Names in a tar archive: blocks of 512 bytes, a header (name, size in octal at 124) before the blocks of each file. */
function* namesInTar(tar) {
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    yield tar.toString('utf8', at, tar.indexOf(0, at)).replace(/^package\//, '');
    at += 512 + Math.ceil(parseInt(tar.toString('latin1', at + 124, at + 136), 8) / 512) * 512;
  }
}

async function check({ folder, entries }, into) {
  const packed = await npm(['pack', `./${folder}`, '--ignore-scripts', '--silent', '--pack-destination', into]);
  if (packed !== 0) return packed;
  const tarball = join(into, readdirSync(into)[0]);
  const names = new Set(namesInTar(gunzipSync(readFileSync(tarball))));
  const missing = mustHold(entries).filter((name) => !names.has(name));
  if (missing.length > 0) {
    process.stderr.write(`millrace: ${folder} as a package lacks ${missing.join(', ')}\n`);
    return 1;
  }
  const published = await node([bin('publint', 'publint'), '--strict', tarball]);
  if (published !== 0) return published;
  return node([bin('@arethetypeswrong/cli', 'attw'), '--profile', 'esm-only', tarball]);
}

for (const one of PACKAGES) {
  const into = mkdtempSync(join(tmpdir(), 'millrace-check-'));
  try {
    process.exitCode = await check(one, into);
  } finally {
    rmSync(into, { recursive: true, force: true });
  }
  if (process.exitCode !== 0) break;
}
