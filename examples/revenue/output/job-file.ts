import { readFileSync } from 'node:fs';
import { writeJsonFile } from './json-file.ts';

/**
 * `.millrace/job.json`: the mark of an output folder of ours, and what the job was started with.
 *
 *   { "format": 1, "name": "revenue", "inputs": ["examples/data/orders.ndjson"], "windowMs": 300000 }
 */
export interface JobFile {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly windowMs: number;
}

export const JOB_NAME = 'revenue';
const FORMAT = 1;

export function writeJobFile(file: string, job: JobFile): void {
  writeJsonFile(file, { format: FORMAT, ...job });
}

/** The name of another job that wrote this file; `undefined` if it is ours, or if that cannot be told. */
export function otherJobName(file: string): string | undefined {
  let job: unknown;
  try {
    job = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  if (typeof job !== 'object' || job === null || !('name' in job)) return undefined;
  return typeof job.name === 'string' && job.name !== JOB_NAME ? job.name : undefined;
}
