import type { JobHandle } from 'millrace';
import { OPERATORS } from '../pipeline.ts';

type Metrics = ReturnType<JobHandle['metrics']>;

/** What the job has done so far. */
export interface Counts {
  readonly read: number;
  readonly malformed: number;
  readonly late: number;
  readonly windows: number;
  readonly watermark: number;
  readonly highestTimestamp: number;
  /** Records that are there and not read yet; `undefined` where nobody knows. */
  readonly behind: number | undefined;
  readonly firstLate: NonNullable<Metrics['operators'][number]['firstLate']> | undefined;
}

export function countsOf(metrics: Metrics): Counts {
  const source = operator(metrics, OPERATORS.source);
  const windows = operator(metrics, OPERATORS.windows);
  const time = metrics.sources.find(({ name }) => name === OPERATORS.source);
  return {
    read: source.in,
    malformed: source.deadLettered,
    late: windows.late,
    windows: windows.out,
    watermark: time?.watermark ?? -Infinity,
    highestTimestamp: time?.highestTimestamp ?? -Infinity,
    behind: behindOf(time),
    firstLate: windows.firstLate,
  };
}

function behindOf(source: Metrics['sources'][number] | undefined): number | undefined {
  let behind = 0;
  for (const { lag } of source?.partitions ?? []) {
    if (lag === undefined) return undefined;
    behind += lag;
  }
  return source === undefined ? undefined : behind;
}

function operator(metrics: Metrics, name: string): Metrics['operators'][number] {
  const found = metrics.operators.find((report) => report.name === name);
  if (found === undefined) throw new Error(`the job has no operator named ${name}`);
  return found;
}
