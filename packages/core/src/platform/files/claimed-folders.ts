import { MillraceError } from '../../errors/index.ts';
import type { FileSystem } from '../../model/index.ts';

/** Folders that a sink of this process writes to, and the sink's name; by file system, since there are modelled ones. */
const ownersOf = new WeakMap<FileSystem, Map<string, string>>();

/**
 * Claims folders for one sink until `release` is called: two sinks in one folder would give their part files the same
 * names and replace each other's.
 *
 * @param folders absolute paths
 * @throws MillraceError `OPTION_INVALID` naming both sinks
 */
export function claimFolders(
  files: FileSystem,
  sink: string,
  partition: number,
  folders: readonly string[],
): { release(): void } {
  const owners = ownersOf.get(files) ?? new Map<string, string>();
  ownersOf.set(files, owners);
  const keys = [...new Set(folders.map((folder) => `${folder}#${partition}`))];
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
