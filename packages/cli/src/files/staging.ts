import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Disk } from './disk.ts';
import type { Journal, Returned } from './journal.ts';

/*
 * Names of what is given back to a folder: the journal it comes from, the number of the entry, and what makes it unique.
 *
 *   .retried-3f2a81c9-00000004-<uuid>.tmp     written before its entry is decided
 *   retried-3f2a81c9-00000004-<uuid>.ndjson   after it
 */
const UNFINISHED = /^\.retried-([0-9a-f]{8})-(\d{8})-.*\.tmp$/;

/** Writes lines to a folder, under a name that readers pass over. */
export async function stage(
  disk: Disk,
  folder: string,
  of: { readonly letters: string; readonly journal: Journal },
  lines: readonly Uint8Array[],
): Promise<Returned> {
  await disk.makeFolder(folder);
  const number = of.journal.count + 1;
  const name = `retried-${tagOf(of.letters)}-${String(number).padStart(8, '0')}-${randomUUID()}`;
  const returned = { staged: path.join(folder, `.${name}.tmp`), file: path.join(folder, `${name}.ndjson`) };
  const newLine = Buffer.from('\n');
  await disk.create(returned.staged, Buffer.concat(lines.flatMap((line) => [line, newLine])));
  // Its name must be there before the entry that counts on it.
  await disk.sync(folder);
  return returned;
}

/** Removes what was written for entries that were not decided; what the journal has decided must be finished. */
export async function tidy(
  disk: Disk,
  folder: string,
  of: { readonly letters: string; readonly journal: Journal },
): Promise<void> {
  for (const name of await disk.names(folder)) {
    const [, tag, number] = UNFINISHED.exec(name) ?? [];
    // One with the next number may be another process's, which is about to decide it.
    if (tag === tagOf(of.letters) && Number(number) <= of.journal.count) await disk.remove(path.join(folder, name));
  }
}

/** Of the folder of letters: several may be given back to one folder. */
function tagOf(letters: string): string {
  return createHash('sha256').update(letters).digest('hex').slice(0, 8);
}
