import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { expandGlob, isGlob } from './expand-glob.ts';
import { reasonOf } from './reason.ts';
import { UsageError } from './usage-error.ts';

/** What `ndjson` reads in a folder. */
const IN_FOLDER = /^[^.].*\.(ndjson|jsonl|json)(\.gz)?$/;

/**
 * The files behind `--input`, found before anything is changed: a missing one must not cost the results of an earlier
 * run. The job itself is given the patterns; which files it reads, and in which order, is up to `ndjson`.
 */
export function inputFiles(patterns: readonly string[]): readonly (readonly string[])[] {
  const seen = new Set<string>();
  return patterns.map((pattern) => {
    const files = filesOf(pattern);
    if (files.length === 0) throw new UsageError(`input ${pattern} matches no file`);
    for (const file of files) {
      const real = readablePath(file);
      if (seen.has(real)) throw new UsageError(`input ${file} is given twice: its orders would count twice`);
      seen.add(real);
    }
    return files.toSorted();
  });
}

function filesOf(pattern: string): readonly string[] {
  const found = statOf(pattern);
  if (found?.isDirectory() === true) {
    return readdirSync(pattern)
      .filter((name) => IN_FOLDER.test(name))
      .map((name) => path.join(pattern, name))
      .filter((file) => statOf(file)?.isFile() === true);
  }
  if (found !== undefined) return [pattern];
  if (!isGlob(pattern)) throw new UsageError(`input file ${pattern} does not exist`);
  return expandGlob(pattern);
}

function statOf(file: string) {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw new UsageError(`input file ${file} cannot be read: ${reasonOf(error)}`);
  }
}

/** The path without symbolic links of a file that can be read. */
function readablePath(file: string): string {
  try {
    accessSync(file, constants.R_OK);
    return realpathSync(file);
  } catch (error) {
    throw new UsageError(`input file ${file} cannot be read: ${reasonOf(error)}`);
  }
}
