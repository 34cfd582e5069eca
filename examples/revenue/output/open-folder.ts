import path from 'node:path';
import type { CheckpointStorage, Logger } from 'millrace';
import type { ResolvedInput } from '../options/resolve-input.ts';
import { UsageError } from '../options/usage-error.ts';
import { checkInputsStay } from './check-folder.ts';
import type { FolderLayout } from './folder-layout.ts';
import { inputFile, readJobFile, sameIdentity, type JobFile, type JobIdentity } from './job-file.ts';
import { replaceFolder } from './replace-folder.ts';

/**
 * Makes the output folder ready: for the job that was there, which then goes on, or for a new one.
 *
 * @returns the patterns to read, as the job knows them
 * @throws UsageError if the folder belongs to a job with other input or another window, and `fresh` was not asked for
 */
export async function openFolder(
  layout: FolderLayout,
  input: ResolvedInput,
  windowMs: number,
  options: { readonly fresh: boolean; readonly checkpoints: CheckpointStorage; readonly logger: Logger },
): Promise<readonly string[]> {
  const identity: JobIdentity = {
    input: input.generate ?? input.partitions.map((files) => files.map(inputFile)),
    windowMs,
  };
  const there = readJobFile(layout.jobFile);
  if (there !== undefined && !there.preparing && !options.fresh) {
    if (!sameIdentity(there.identity, identity)) throw other(layout, there, identity);
    return patternsOf(there, input.patterns);
  }
  checkInputsStay(layout, input.partitions.flat());
  const job = { identity, patterns: input.patterns, folder: process.cwd() };
  await replaceFolder(layout, job, options.checkpoints, options.logger);
  return input.patterns;
}

/** The job's positions are those of its partitions, whose names are the patterns of its first start. */
function patternsOf(there: JobFile, now: readonly string[]): readonly string[] {
  if (there.folder === process.cwd() || JSON.stringify(now) === JSON.stringify(there.patterns)) return there.patterns;
  if (there.patterns.some((pattern) => !path.isAbsolute(pattern))) {
    throw new UsageError(
      `the job was started in ${there.folder} with --input ${there.patterns.join(' --input ')}: start it there again to go on`,
    );
  }
  return there.patterns;
}

function other(layout: FolderLayout, there: JobFile, identity: JobIdentity): UsageError {
  const what =
    there.identity.windowMs === identity.windowMs
      ? 'other input'
      : `--window ${there.identity.windowMs}ms, not ${identity.windowMs}ms`;
  return new UsageError(
    `output folder ${layout.root} holds a job with ${what}: name another folder, or start over with --fresh`,
  );
}
