/** How often values fell into fixed ranges since this process began, and what the last 10 s or so were like. */
export interface HistogramReport {
  readonly count: number;
  /** Sum of all values, milliseconds. */
  readonly sumMs: number;
  readonly maxMs: number;
  /** Values up to `leMs`, those of the buckets before included; the last one is `Infinity`. */
  readonly buckets: readonly { readonly leMs: number; readonly count: number }[];
  /** Half of the latest values were below; `undefined`: there were none. Exact to the width of a bucket. */
  readonly p50Ms: number | undefined;
  /** 99 of 100 of the latest values were below; `undefined`: there were none. */
  readonly p99Ms: number | undefined;
}

/** Where the time of a source or a sink went. Totals are those of this process; the others are of the last 10 s or so. */
export interface TimeReport {
  /** At work: reading and processing its records. For a sink: it had no room. */
  readonly busyMs: number;
  /** It could have gone on, but a sink had no room. Always 0 for sinks: nothing stands behind them. */
  readonly backPressuredMs: number;
  /** The rest: nothing to read, rate limit, other sources. */
  readonly idleMs: number;
  readonly busyMsPerSecond: number;
  readonly backPressuredMsPerSecond: number;
  readonly idleMsPerSecond: number;
}

/** What is measured at a source beside event time. */
export interface SourceRates {
  /** Records it read in this process, those included that were read again after a failure. */
  readonly recordsRead: number;
  /** Bytes of these records; `undefined`: the source does not know sizes. */
  readonly bytesRead?: number;
  /** Of the last 10 s or so. */
  readonly recordsPerSecond: number;
  readonly bytesPerSecond?: number;
  readonly time: TimeReport;
  /**
   * From a record's timestamp (that of the source, such as Kafka's; else its event time) until a checkpoint covered it, in a
   * job without checkpoints until its sinks had taken it. One record of each batch is looked at.
   */
  readonly latency: HistogramReport;
}

/** Live figures of a sink, those for dead letters included. */
export interface SinkReport {
  readonly name: string;
  /** Records that it took and that have not left the process. */
  readonly buffered: number;
  readonly time: TimeReport;
}

/** What an alarm watches: records not read yet, how far event time is behind the clock, how long records take. */
export type AlarmKind = 'lag' | 'watermarkLag' | 'latency';

/** A limit that a source is above, for longer than the job tolerates. */
export interface AlarmReport {
  readonly source: string;
  readonly kind: AlarmKind;
  /** Records for `lag`, milliseconds for the others. */
  readonly value: number;
  readonly limit: number;
  /** When it went above its limit, epoch milliseconds. */
  readonly since: number;
}

/** The checkpoints that this process has taken. */
export interface CommitsReport {
  readonly count: number;
  /** What was written of keyed state, bytes. */
  readonly bytes: number;
  /** Size of the last one. */
  readonly lastBytes: number;
  /** When the last one was complete, epoch milliseconds; `undefined`: there was none. */
  readonly lastAt: number | undefined;
  readonly duration: HistogramReport;
}
