import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { OrdersSpec } from '../generator/orders.ts';
import { writeJsonFile } from './json-file.ts';

/** An input file, so that another one under the same name is noticed. */
export interface InputFile {
  readonly path: string;
  readonly bytes: number;
  /** SHA-256 of the first 64 KiB. */
  readonly digest: string;
}

/**
 * What a job is: the same input and window on the same output folder go on where they were; any other is another job.
 * `--rate` and `--summary` are not part of it.
 */
export interface JobIdentity {
  /** Files by partition, or what was generated. */
  readonly input: readonly (readonly InputFile[])[] | OrdersSpec;
  readonly windowMs: number;
}

/**
 * `.millrace/job.json`: the mark of an output folder of ours, and which job it belongs to.
 *
 *   { "format": 2, "name": "revenue", "preparing": false, "identity": { ... }, "patterns": ["orders.ndjson"], "folder": "/home/me" }
 *
 * `preparing`: results of the job before are still being removed; nothing in the folder is worth keeping. `patterns` are the
 * partitions as the job knows them, relative to `folder`.
 */
export interface JobFile {
  readonly preparing: boolean;
  readonly identity: JobIdentity;
  readonly patterns: readonly string[];
  readonly folder: string;
}

export const JOB_NAME = 'revenue';
const FORMAT = 2;
const DIGEST_BYTES = 64 * 1024;

export function writeJobFile(file: string, job: JobFile): void {
  writeJsonFile(file, { format: FORMAT, name: JOB_NAME, ...job });
}

/** The job of an output folder; `undefined`: there is none, or one of an earlier version. */
export function readJobFile(file: string): JobFile | undefined {
  const job = readJson(file);
  // What has our name and format was written by `writeJobFile`.
  return job?.['name'] === JOB_NAME && job['format'] === FORMAT ? (job as unknown as JobFile) : undefined;
}

/** The name of another job that wrote this file; `undefined` if it is ours, or if that cannot be told. */
export function otherJobName(file: string): string | undefined {
  const name = readJson(file)?.['name'];
  return typeof name === 'string' && name !== JOB_NAME ? name : undefined;
}

/** Two jobs are the same if this text is. */
export function sameIdentity(a: JobIdentity, b: JobIdentity): boolean {
  return a.windowMs === b.windowMs && JSON.stringify(a.input) === JSON.stringify(b.input);
}

/** @param file any path to it */
export function inputFile(file: string): InputFile {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(DIGEST_BYTES);
    const bytes = readSync(handle, head, 0, DIGEST_BYTES, 0);
    const digest = createHash('sha256').update(head.subarray(0, bytes)).digest('hex');
    return { path: path.resolve(file), bytes: statSync(file).size, digest };
  } finally {
    closeSync(handle);
  }
}

function readJson(file: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
