import type { OperatorCounts } from '../model/index.ts';

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
