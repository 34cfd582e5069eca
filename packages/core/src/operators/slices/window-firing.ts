import type { Slice } from '../../model/index.ts';
import type { MergeJobs } from './merge-jobs.ts';

/** A window that is firing: first its parts are merged, then the rows of the result are emitted. */
export interface WindowFiring {
  readonly start: number;
  readonly end: number;
  /** The rows to be emitted: the only slice of the window, or a merged one. */
  readonly result: Slice<unknown>;
  /** `undefined`: there is nothing to merge. */
  readonly jobs: MergeJobs | undefined;
  /** Next row to be emitted. */
  row: number;
}
