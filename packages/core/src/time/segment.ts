/** What has to know when a timer was registered behind it: the operator at whose end a segment begins. */
export interface AlertListener {
  lowerAlert(timeMs: number): void;
}

/**
 * A stretch of the graph with one current watermark: from a source or a stateful operator to the next stateful ones.
 *
 * The watermark is a shared number. Raising it costs a comparison with `alert`; only where it would reach `alert` must
 * the dataflow stop and advance its operators. `alert` is the earliest timer of the segment and of all segments behind
 * it, so between two alerts nothing can fire and numbers behind a stateful operator may lag: they are brought up to date
 * before anyone reads them (`Joint.sync`).
 */
export class Segment {
  /** No record at or below this event time is expected any more; `-Infinity` at first, `+Infinity` at the end. */
  watermark = -Infinity;
  /** Watermark at which the dataflow must stop and advance. */
  alert = Infinity;
  /** Nothing comes through here for now, so it does not hold others back. */
  idle = false;
  /** Set while a change of watermark or idleness runs through the graph. */
  changed = false;
  private readonly upstream: AlertListener | undefined;

  constructor(upstream: AlertListener | undefined) {
    this.upstream = upstream;
  }

  /** A timer was registered in this segment or behind it. */
  lowerAlert(timeMs: number): void {
    if (timeMs < this.alert) {
      this.alert = timeMs;
      this.upstream?.lowerAlert(timeMs);
    }
  }
}
