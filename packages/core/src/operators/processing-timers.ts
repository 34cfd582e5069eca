/**
 * An operator with timers of processing time.
 *
 * Protocol, as the step loop keeps it: where nothing is in flight it compares `earliestProcessingTimer` with the clock. If
 * it is due: `fireProcessingTimers(now)` until it returns `true`; each call emits at most 512 results, nothing else enters
 * the operator in between. Segments were brought up to date (`sync`) before the first call.
 */
export interface ProcessingTimers {
  /** Earliest timer of processing time, epoch ms; +Infinity: none. */
  readonly earliestProcessingTimer: number;
  /** Fires timers at or below `nowMs`, in the order of time, those registered meanwhile included. Returns whether none is left. */
  fireProcessingTimers(nowMs: number): boolean;
}
