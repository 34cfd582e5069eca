import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { CheckpointStorage, Logger } from 'millrace';
import { reasonOf } from '../options/reason.ts';
import { UsageError } from '../options/usage-error.ts';
import { whileOwned } from './claim-folder.ts';
import { CHECKPOINTS_FOLDER, JOB_FILE, RESULT_FOLDERS, type FolderLayout } from './folder-layout.ts';
import { makeFolder } from './make-folder.ts';
import { writeJobFile, type JobFile } from './job-file.ts';

/**
 * Makes the output folder ready for another job. job.json is never absent while anything of ours is there: a start that is
 * killed here leaves a folder that the next start accepts, and does not take for a job that can go on.
 *
 *   checkpoints claimed -> job.json: preparing -> results removed -> rest of the state removed -> job.json -> checkpoints cleared
 */
export async function replaceFolder(
  layout: FolderLayout,
  job: Omit<JobFile, 'preparing'>,
  checkpoints: CheckpointStorage,
  logger: Logger,
): Promise<void> {
  try {
    makeFolder(layout.state);
  } catch (error) {
    throw unwritable(layout, error);
  }
  await whileOwned(checkpoints, logger, () => {
    try {
      writeJobFile(layout.jobFile, { preparing: true, ...job });
      for (const name of RESULT_FOLDERS) rmSync(path.join(layout.root, name), { recursive: true, force: true });
      for (const name of readdirSync(layout.state)) {
        if (name === JOB_FILE || name === CHECKPOINTS_FOLDER) continue;
        rmSync(path.join(layout.state, name), { recursive: true, force: true });
      }
    } catch (error) {
      throw unwritable(layout, error);
    }
  });
  writeJobFile(layout.jobFile, { preparing: false, ...job });
}

function unwritable(layout: FolderLayout, error: unknown): UsageError {
  return new UsageError(`output folder ${layout.root} cannot be written: ${reasonOf(error)}`);
}
