/** Counters of one operator as plain data. */
export interface OperatorCounts {
  /** Records that came in. */
  readonly in: number;
  /** Records that went out on the main output (per record, not per consumer). */
  readonly out: number;
  /** Records let go on purpose: by `filter`, or by a branch of `split` that nobody reads. */
  readonly filtered: number;
  /** Records that entered no window because all of theirs were past their clean-up time (R8). */
  readonly late: number;
  /** Records that went to the dead letters. */
  readonly deadLettered: number;
  /** Records held now: in open windows, in a flatMap that is not exhausted, in a sink's buffer. */
  readonly buffered: number;
  /** Records that are done without being passed on one to one: expanded by `flatMap`, part of a window that was cleaned up. */
  readonly absorbed: number;
}

/**
 * Live counters of one operator. Conservation, at every moment between two records:
 *
 * - operators that map one to one: `in = out + filtered + late + deadLettered + buffered`
 * - `flatMap` and windows, whose outputs are not their inputs: `in = absorbed + filtered + late + deadLettered + buffered`
 */
export class OperatorMetrics implements OperatorCounts {
  in = 0;
  out = 0;
  filtered = 0;
  late = 0;
  deadLettered = 0;
  buffered = 0;
  absorbed = 0;
  readonly oneToOne: boolean;

  constructor(oneToOne: boolean) {
    this.oneToOne = oneToOne;
  }

  /** Records unaccounted for; 0 unless the engine has a defect. */
  get missing(): number {
    const gone = this.filtered + this.late + this.deadLettered + this.buffered;
    return this.in - gone - (this.oneToOne ? this.out : this.absorbed);
  }

  counts(): OperatorCounts {
    const { out, filtered, late, deadLettered, buffered, absorbed } = this;
    return { in: this.in, out, filtered, late, deadLettered, buffered, absorbed };
  }

  /** Goes on counting from a snapshot. What was buffered outside of state (a sink's buffer) was not part of it. */
  restore(counts: OperatorCounts): void {
    this.in = counts.in;
    this.out = counts.out;
    this.filtered = counts.filtered;
    this.late = counts.late;
    this.deadLettered = counts.deadLettered;
    this.buffered = counts.buffered;
    this.absorbed = counts.absorbed;
  }
}
