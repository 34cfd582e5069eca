import type { Duration } from '../internal/duration.ts';

/** Limits of every source of a job, of which `flow.run` tells by `onEvent` when they are exceeded. */
export interface AlarmOptions {
  /** Records of a source that were not read yet, over all partitions. Default: no alarm. */
  readonly lag?: number;
  /** How far event time is behind the clock. Default: no alarm. */
  readonly watermarkLag?: Duration;
  /** What 99 of 100 records take from their timestamp until a commit covers them; the oldest that waits counts, too. Default: no alarm. */
  readonly latency?: Duration;
  /** For how long a limit must have been exceeded. Default `'30s'`. */
  readonly for?: Duration;
}
