import path from 'node:path';

/** Where things are in an output folder. Everything in it that is ours is named here. */
export interface FolderLayout {
  readonly root: string;
  readonly revenue: string;
  readonly late: string;
  readonly deadLetter: string;
  /** Generated input. */
  readonly input: string;
  /** State of the job: what it was started with, its checkpoints, and files that are not complete yet. */
  readonly state: string;
  readonly jobFile: string;
  readonly checkpoints: string;
}

/** Folders that a new start replaces, beside the state. Whatever else is in the folder belongs to the user. */
export const RESULT_FOLDERS = ['revenue', 'late', 'dead-letter', '.input'] as const;
export const STATE_FOLDER = '.millrace';
export const JOB_FILE = 'job.json';
export const CHECKPOINTS_FOLDER = 'checkpoints';

export function folderLayout(root: string): FolderLayout {
  return {
    root,
    revenue: path.join(root, 'revenue'),
    late: path.join(root, 'late'),
    deadLetter: path.join(root, 'dead-letter'),
    input: path.join(root, '.input'),
    state: path.join(root, STATE_FOLDER),
    jobFile: path.join(root, STATE_FOLDER, JOB_FILE),
    checkpoints: path.join(root, STATE_FOLDER, CHECKPOINTS_FOLDER),
  };
}

/** Where the part files of a result folder are until they are complete. */
export function stagingFolder(layout: FolderLayout, resultFolder: string): string {
  return path.join(layout.state, `staging-${path.basename(resultFolder)}`);
}
