import type { CopyAccumulator, RowFunction } from '../../aggregates/index.ts';
import type { Slice } from '../../model/index.ts';

/** All rows of a slice are to be merged into another one. */
interface MergeJob {
  readonly from: Slice<unknown>;
  readonly into: Slice<unknown>;
}

/** Merges slices row by row, in steps: a million keys must not hold up everything else. */
export class MergeJobs {
  private readonly rows: RowFunction;
  private readonly copy: CopyAccumulator;
  private readonly jobs: MergeJob[] = [];
  private job = 0;
  private row = 0;

  /** @param copy copies accumulators, since those that are merged stay state */
  constructor(rows: RowFunction, copy: CopyAccumulator) {
    this.rows = rows;
    this.copy = copy;
  }

  /** Jobs are done in the order in which they were added. */
  add(from: Slice<unknown>, into: Slice<unknown>): void {
    this.jobs.push({ from, into });
  }

  /** Merges at most `budget` rows. Returns what is left of the budget; 0 while jobs remain. */
  run(budget: number): number {
    let left = budget;
    for (; this.job < this.jobs.length; this.job++, this.row = 0) {
      const { from, into } = this.jobs[this.job] as MergeJob;
      for (; this.row < from.size; this.row++) {
        if (left === 0) return 0;
        left--;
        this.rows.merge(into, into.upsert(from.keyAt(this.row)), from, this.row, this.copy);
      }
    }
    return left;
  }

  get done(): boolean {
    return this.job === this.jobs.length;
  }
}
