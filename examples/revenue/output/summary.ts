import { openSync, closeSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../options/reason.ts';
import { UsageError } from '../options/usage-error.ts';
import { RESULT_FOLDERS, STATE_FOLDER } from './folder-layout.ts';
import { makeFolder } from './make-folder.ts';
import { writeJsonFile } from './json-file.ts';

/** What `--summary` writes; read = aggregated + late + malformed. */
export interface Summary {
  /** Lines that are not blank. */
  readonly read: number;
  /** Records that entered no window. */
  readonly late: number;
  readonly malformed: number;
  /** Result rows: one per window and category. */
  readonly windows: number;
  /** From the start of the job to its end, without the generation of input. */
  readonly seconds: number;
  readonly peakRssBytes: number;
}

/** Finds out before the job whether the summary can be written, and removes the one of an earlier run. */
export function prepareSummary(file: string, inputs: readonly string[], root: string): void {
  const target = path.resolve(file);
  const inside = path.relative(path.resolve(root), target).split(path.sep)[0] ?? '';
  if ([...RESULT_FOLDERS, STATE_FOLDER].some((folder) => folder === inside)) {
    throw new UsageError(`--summary ${file} would stand among the results of the job; choose another place`);
  }
  if (inputs.some((input) => path.resolve(input) === target)) {
    throw new UsageError(`--summary ${file} would replace an input file`);
  }
  try {
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
    makeFolder(path.dirname(target));
    closeSync(openSync(`${target}.tmp`, 'w'));
    rmSync(`${target}.tmp`);
    rmSync(target, { force: true });
  } catch (error) {
    throw new UsageError(`--summary ${file} cannot be written: ${reasonOf(error)}`);
  }
}

export function writeSummary(file: string, summary: Summary): void {
  writeJsonFile(path.resolve(file), summary);
}
