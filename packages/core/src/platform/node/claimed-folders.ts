import path from 'node:path';
import { MillraceError } from '../../errors/index.ts';

/** Folders that a sink of this process writes to, and the sink's name. */
const owners = new Map<string, string>();

/**
 * Claims folders for one sink until `release` is called: two sinks in one folder would give their part files the same
 * names and replace each other's.
 *
 * @throws MillraceError `OPTION_INVALID` naming both sinks
 */
export function claimFolders(sink: string, partition: number, folders: readonly string[]): { release(): void } {
  const keys = [...new Set(folders.map((folder) => `${path.resolve(folder)}#${partition}`))];
  for (const key of keys) {
    const owner = owners.get(key);
    if (owner === undefined) continue;
    const folder = key.slice(0, key.lastIndexOf('#'));
    throw new MillraceError('OPTION_INVALID', {
      message: `Sinks '${owner}' and '${sink}' both write to ${folder}. Give each a folder of its own, for staging too.`,
      fields: { path: folder, sinks: [owner, sink] },
    });
  }
  for (const key of keys) owners.set(key, sink);
  return {
    release(): void {
      for (const key of keys) owners.delete(key);
    },
  };
}
