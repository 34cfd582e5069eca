import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What several checkouts share: built clients, the broker's program. */
export function cacheFolder() {
  return process.env.MILLRACE_CACHE ?? join(homedir(), '.cache', 'millrace');
}

/** Whether a module is the program that was started. */
export function realpathIs(url) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(url);
}
