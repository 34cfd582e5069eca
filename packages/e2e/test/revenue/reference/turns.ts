/** A partition while it is read. */
export interface Reading<L> {
  readonly lines: readonly L[];
  next: number;
  ended: boolean;
  maxTimeMs: number;
  watermark: number;
}

/** Lines that a partition may deliver before another gets a turn. */
const TURN_LINES = 512;

/**
 * The order in which bounded partitions are read: always the open one with the lowest watermark, the first of equals,
 * for a turn of 512 lines. A partition has ended when a turn could not be filled; after a full turn that was its last
 * it is open until its next turn, which is empty. Whoever iterates moves `maxTimeMs` and `watermark` of the partitions.
 */
export class Turns<L> implements Iterable<{ line: L; partition: Reading<L> }> {
  private readonly partitions: readonly Reading<L>[];

  constructor(partitions: readonly (readonly L[])[]) {
    this.partitions = partitions.map((lines) => ({
      lines,
      next: 0,
      ended: false,
      maxTimeMs: -Infinity,
      watermark: -Infinity,
    }));
  }

  /** The watermark of the job: the lowest of the partitions that have not ended. */
  watermark(): number {
    return Math.min(...this.partitions.filter(({ ended }) => !ended).map(({ watermark }) => watermark));
  }

  *[Symbol.iterator](): Generator<{ line: L; partition: Reading<L> }> {
    for (let turn = this.lowest(); turn !== undefined; turn = this.lowest()) {
      const lines = turn.lines.slice(turn.next, turn.next + TURN_LINES);
      turn.next += lines.length;
      for (const line of lines) yield { line, partition: turn };
      turn.ended = lines.length < TURN_LINES;
    }
  }

  private lowest(): Reading<L> | undefined {
    let lowest: Reading<L> | undefined;
    for (const partition of this.partitions) {
      if (!partition.ended && (lowest === undefined || partition.watermark < lowest.watermark)) lowest = partition;
    }
    return lowest;
  }
}
