/**
 * Before the tests: the real servers they run on. Each file of this folder that has `missing` is one; what it can install itself, by
 * `prepare`, it does. What cannot be had is said loudly: the tests that need it are skipped, or fail with MILLRACE_SERVICES=required.
 */
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { realpathIs } from '../kafka/paths.mjs';

const FOLDER = new URL('./', import.meta.url);

/** Why each service cannot run here, by its name; `''`: it can. */
export async function prepareServices() {
  const found = {};
  for (const file of readdirSync(FOLDER).sort()) {
    if (!file.endsWith('.mjs') || file === 'prepare.mjs') continue;
    const service = await import(new URL(file, FOLDER).href);
    if (typeof service.missing !== 'function' || typeof service.start !== 'function') continue;
    found[basename(file, '.mjs')] = await problemOf(service);
  }
  return found;
}

async function problemOf({ missing, prepare = missing }) {
  try {
    return (await prepare()) ?? '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

if (realpathIs(import.meta.url)) {
  const missing = Object.entries(await prepareServices()).filter(([, why]) => why !== '');
  for (const [name, why] of missing)
    process.stderr.write(`millrace: THE TESTS ON ${name.toUpperCase()} WILL BE SKIPPED: ${why}\n`);
  if (missing.length > 0 && process.env.MILLRACE_SERVICES === 'required') {
    process.stderr.write('millrace: MILLRACE_SERVICES=required, so they must run\n');
    process.exit(1);
  }
}
