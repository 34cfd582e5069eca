import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { reasonOf } from './reason.ts';
import { UsageError } from './usage-error.ts';

/**
 * The files behind `--input`, found before anything is changed: a missing one must not cost the results of an earlier
 * run. The job itself is given the patterns; which files it reads, and in which order, is up to `ndjson`.
 */
export function inputFiles(patterns: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return patterns.flatMap((pattern) => {
    if (seen.has(path.resolve(pattern))) throw new UsageError(`input ${pattern} is given twice`);
    seen.add(path.resolve(pattern));
    const files = filesOf(pattern);
    if (files.length === 0) throw new UsageError(`input ${pattern} matches no file`);
    for (const file of files) checkReadable(file);
    return files;
  });
}

function filesOf(pattern: string): readonly string[] {
  const found = statSync(pattern, { throwIfNoEntry: false });
  if (found?.isDirectory()) {
    const entries = readdirSync(pattern, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => path.join(pattern, entry.name));
  }
  if (found !== undefined) return [pattern];
  if (!/[*?[{]/.test(pattern)) throw new UsageError(`input file ${pattern} does not exist`);
  return [];
}

function checkReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new UsageError(`input file ${file} cannot be read: ${reasonOf(error)}`);
  }
}
