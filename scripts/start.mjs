/**
 * `npm start`: the set-up, then the main job in this very process, so that a signal sent to it reaches the job.
 * Needs `node --conditions=millrace-source`, which makes `millrace` mean the sources in packages/core/src.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, setupOrExit } from './setup.mjs';

const main = join(ROOT, 'examples', 'revenue', 'main.ts');

await setupOrExit('start');
if (process.argv.slice(2).some((arg) => /^--kafka(=|$)/.test(arg))) {
  const { setupClientOrExit } = await import('./kafka/client.mjs');
  setupClientOrExit();
}
const { register } = await import('tsx/esm/api');
register();
process.argv[1] = main;
await import(pathToFileURL(main).href);
