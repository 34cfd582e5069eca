import type { CheckpointStore, FileSystem, Machine, StorageContext } from '../../model/index.ts';
import { DirectoryStore } from './directory-store.ts';
import { ioError } from './file-error.ts';
import { FolderCommits } from './folder-commits.ts';
import { Owner } from './owner.ts';

/**
 * Opens the checkpoints in a folder for one job, which then owns it.
 *
 * @throws MillraceError `CHECKPOINT_OWNED`, `IO_FAILED`, `OPTION_UNSUPPORTED`
 */
export async function openDirectory(
  folder: string,
  machine: Machine,
  context: StorageContext,
): Promise<CheckpointStore> {
  const { files } = machine;
  try {
    await files.makeFolder(folder);
    const owner = await Owner.acquire(folder, machine, context);
    try {
      await new FolderCommits(folder, files).prepare(context.token);
      await removeLeftovers(folder, files, context.token);
    } catch (error) {
      await owner.release();
      throw error;
    }
    return new DirectoryStore(folder, files, owner);
  } catch (error) {
    throw ioError(folder, error);
  }
}

/** What a process that was killed in the middle of a heartbeat or a note left behind. */
async function removeLeftovers(folder: string, files: FileSystem, token: string): Promise<void> {
  for (const name of await files.list(folder)) {
    const isLeftover = name === 'note.tmp' || (/^owner\..+\.tmp$/.test(name) && !name.includes(token));
    if (isLeftover) await files.remove(`${folder}/${name}`).catch(() => undefined);
  }
}
