import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { calculate, type Expected, type InputFile } from '../reference/calculate.ts';
import { expectResults, expectSummary } from './expect-results.ts';
import { runJob, type Finished } from './run-job.ts';

/** Files to write, by path relative to the test's folder; names that end in .gz hold gzipped bytes. */
export type Files = Readonly<Record<string, string | Buffer>>;

export interface JobCase {
  /** The test's folder. */
  readonly folder: string;
  readonly files: Files;
  /** Values of `--input`, relative to the folder; default: each file. */
  readonly inputs?: readonly string[];
  /** The files of each partition in the order they are read, relative to the folder; default: each file is one. */
  readonly partitions?: readonly (readonly string[])[];
  readonly window?: { readonly flag: string; readonly ms: number };
  readonly flags?: readonly string[];
}

/** Writes the files, runs the real job on them, and compares every output with the reference. */
export async function checkJob(job: JobCase): Promise<Finished & { readonly expected: Expected }> {
  const { folder, files, window = { flag: '5m', ms: 300_000 } } = job;
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  }
  const inputs = job.inputs ?? Object.keys(files);
  const partitions = job.partitions ?? Object.keys(files).map((name) => [name]);
  const output = path.join(folder, 'out');
  const summary = path.join(folder, 'summary.json');
  const finished = await runJob([
    ...inputs.flatMap((name) => ['--input', path.join(folder, name)]),
    ...['--output', output, '--summary', summary, '--window', window.flag],
    ...(job.flags ?? []),
  ]);
  expect(finished, finished.stderr).toMatchObject({ code: 0, signal: null });
  const expected = calculate(
    partitions.map((names) => names.map((name) => inputFile(path.join(folder, name)))),
    window.ms,
  );
  expectResults(output, expected);
  expectSummary(summary, expected);
  return { ...finished, expected };
}

/** A file as the reference reads it: unpacked. */
export function inputFile(file: string): InputFile {
  const bytes = readFileSync(file);
  return { path: file, bytes: file.endsWith('.gz') ? gunzipSync(bytes) : bytes };
}
