/**
 * Golden vectors against the engine.
 *
 *   npm run vectors -- --dir DIR [--kind window,valve] [--path slices|general|both] [--id TEXT] [--show 5]
 *
 * Last line: `N passed, N failed, N skipped`. Exit 1 if a case failed or none passed, 2 for wrong usage.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runVectors } from './runner.ts';

const USAGE = 'usage: npm run vectors -- --dir DIR [--kind K,K] [--path slices|general|both] [--id TEXT] [--show N]';

function usage(why: string): never {
  process.stderr.write(`${why}\n${USAGE}\n`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      options: {
        dir: { type: 'string' },
        kind: { type: 'string' },
        path: { type: 'string', default: 'both' },
        id: { type: 'string', default: '' },
        show: { type: 'string', default: '5' },
      },
    }).values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const { dir, kind, path, id, show } = options();
if (dir === undefined) usage('--dir is missing: the folder with the *.jsonl files');
if (!existsSync(dir)) usage(`--dir ${dir}: there is no such folder`);
if (path !== 'slices' && path !== 'general' && path !== 'both') usage(`--path ${path}: slices, general or both`);
if (!/^\d+$/.test(show)) usage(`--show ${show}: a number`);

const { passed, failed, skipped, skips } = await runVectors({
  dir,
  kinds: kind?.split(','),
  path,
  id,
  show: Number(show),
  print: (text) => process.stdout.write(`${text}\n`),
});
for (const [reason, count] of skips) process.stdout.write(`skipped ${count}: ${reason}\n`);
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
