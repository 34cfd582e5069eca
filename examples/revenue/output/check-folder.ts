import { readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../options/usage-error.ts';
import { reasonOf } from '../options/reason.ts';
import { RESULT_FOLDERS, STATE_FOLDER, type FolderLayout } from './folder-layout.ts';
import { otherJobName } from './job-file.ts';

/** Whether the output folder can be used: absent, empty, or ours. Changes nothing. */
export function checkFolder(layout: FolderLayout): void {
  const entries = entriesOf(layout.root);
  // A start that was killed before job.json was written leaves only the state folder behind.
  if (entries.every((name) => name === STATE_FOLDER) || isFile(layout.jobFile)) {
    const other = otherJobName(layout.jobFile);
    if (other === undefined) return;
    throw new UsageError(`output folder ${layout.root} holds results of the job ${JSON.stringify(other)}`);
  }
  throw new UsageError(
    `output folder ${layout.root} is not empty and not from an earlier run (it holds ${sample(entries)}): name another`,
  );
}

/** Inputs that the start would delete, because they are among the results of an earlier run. */
export function checkInputsStay(layout: FolderLayout, files: readonly string[]): void {
  const doomed = [...RESULT_FOLDERS, STATE_FOLDER].map((name) => realPath(path.join(layout.root, name)) + path.sep);
  for (const file of files) {
    if (doomed.some((folder) => realPath(file).startsWith(folder))) {
      throw new UsageError(`input ${file} is in the output folder ${layout.root}, where this start would delete it`);
    }
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new UsageError(`output folder ${folder} cannot be used: ${reasonOf(error)}`);
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** The path without symbolic links; of what does not exist, the path as it is. */
function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return path.resolve(file);
  }
}

function sample(entries: readonly string[]): string {
  const shown = entries.slice(0, 3).map((name) => JSON.stringify(name));
  return entries.length > shown.length ? `${shown.join(', ')}, ...` : shown.join(', ');
}
