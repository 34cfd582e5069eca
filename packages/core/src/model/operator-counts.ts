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
  /** Records held now: the rest of a source's batch, in open windows, in a flatMap that is not exhausted. */
  readonly buffered: number;
  /** Records that are done without being passed on one to one: expanded by `flatMap`, part of a window that was cleaned up. */
  readonly absorbed: number;
}
