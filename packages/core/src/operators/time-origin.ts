/**
 * Something that makes event time: a source, or an assigner in the middle of the graph.
 *
 * Protocol, as the step loop keeps it: where `mustRaise` is set, nothing comes out of it until `raise()` was called and
 * the change has run through the graph. `emitPeriodic(now)` is called between batches once `nextEmitMs` has come.
 */
export interface TimeOrigin {
  /** Position in the graph's order: what is held back behind it leaves before its event time is raised. */
  readonly index: number;
  /** Whether its segment must be raised before anything else is pushed. */
  readonly mustRaise: boolean;
  /** When `emitPeriodic` is to be called, epoch ms; +Infinity: never. */
  readonly nextEmitMs: number;
  /** Takes over what the generators have come to. */
  emitPeriodic(nowMs: number): void;
  /** Hands the new event time to the segment, and marks it changed if it is. */
  raise(): void;
}

/** One in the middle of the graph. */
export interface InnerTimeOrigin extends TimeOrigin {
  /** The input has ended, though its last watermark has not come yet. */
  finish(): void;
}
