import type { CheckpointStore, Machine, StorageContext } from '../../model/index.ts';
import { DirectoryStore } from './directory-store.ts';
import { ioError } from './file-error.ts';
import { FolderCommits } from './folder-commits.ts';
import { Owner, removeLeftovers } from './owner.ts';

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
      await removeLeftovers(folder, files, (token) => token !== context.token);
    } catch (error) {
      await owner.release();
      throw error;
    }
    return new DirectoryStore(folder, files, owner);
  } catch (error) {
    throw ioError(folder, error);
  }
}
