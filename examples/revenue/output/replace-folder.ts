import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../options/reason.ts';
import { UsageError } from '../options/usage-error.ts';
import { JOB_FILE, RESULT_FOLDERS, type FolderLayout } from './folder-layout.ts';
import { makeFolder } from './make-folder.ts';
import { writeJobFile, type JobFile } from './job-file.ts';

/**
 * Makes the output folder ready for a new start. job.json is never absent while anything of ours is there: a start that
 * is killed here leaves a folder that the next start accepts.
 *
 *   job.json written -> results removed -> rest of the state removed
 */
export function replaceFolder(layout: FolderLayout, job: JobFile): void {
  try {
    makeFolder(layout.state);
    writeJobFile(layout.jobFile, job);
    for (const name of RESULT_FOLDERS) rmSync(path.join(layout.root, name), { recursive: true, force: true });
    for (const name of readdirSync(layout.state)) {
      if (name !== JOB_FILE) rmSync(path.join(layout.state, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw new UsageError(`output folder ${layout.root} cannot be written: ${reasonOf(error)}`);
  }
}
