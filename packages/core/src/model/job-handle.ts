import type { AlarmReport, CommitsReport, SinkReport, SourceRates } from './metrics-report.ts';
import type { OperatorCounts } from './operator-counts.ts';
import type { OperatorStateSize } from './state.ts';

/** What a job is doing. `stopped`: ended by `stop()` before its input did. */
export type JobStatus = 'running' | 'stopping' | 'finished' | 'stopped' | 'failed';

/** Counters of one operator, with what identifies it. */
export interface OperatorReport extends OperatorCounts {
  readonly name: string;
  readonly kind: string;
  /** Records unaccounted for by the conservation identity; 0. */
  readonly missing: number;
  /** Operators with state: how much it is. */
  readonly state?: OperatorStateSize;
  /** Windows: the first late record, if there was one. */
  readonly firstLate?: LateExample;
}

/** Why a record was late. */
export interface LateExample {
  readonly timestamp: number;
  readonly watermark: number;
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** How far event time has come at a source, epoch milliseconds; `-Infinity` before the first record. */
export interface SourceReport extends SourceRates {
  readonly name: string;
  /** Records of its partitions that were not read yet; absent where no partition knows. */
  readonly lag?: number;
  /** How far event time is behind the clock; absent before the first watermark, at the end, and while all of it is idle. */
  readonly watermarkLagMs?: number;
  readonly watermark: number;
  /** Highest timestamp read; `-Infinity` before the first record. */
  readonly highestTimestamp: number;
  readonly partitions: readonly {
    readonly id: string;
    readonly watermark: number;
    readonly idle: boolean;
    /** Not read for now: it is too far ahead of others in its alignment group. */
    readonly paused: boolean;
    readonly ended: boolean;
    /** Records of a live partition that were not read yet, where the source knows. */
    readonly lag?: number;
  }[];
}

/** Live figures of a task. Counters are those of the whole job, over all its restarts. */
export interface TaskMetrics {
  readonly operators: readonly OperatorReport[];
  readonly sources: readonly SourceReport[];
  readonly sinks: readonly SinkReport[];
}

/** Live figures of a job. */
export interface JobMetrics extends TaskMetrics {
  /** How long the job has run, over all its starts, without the time in between; milliseconds. */
  readonly runMs: number;
  /** How often it began again after a failure, over all its starts. */
  readonly restarts: number;
  /** Limits (`alarms` of `flow.run`) that are exceeded now. */
  readonly alarms: readonly AlarmReport[];
  /** The checkpoints taken by this process; absent in a job without. */
  readonly commits?: CommitsReport;
  /** The last checkpoint; `undefined`: there is none. */
  readonly checkpoint?: CheckpointReport;
  /** The checkpoint from which this start went on; `undefined`: it began anew. */
  readonly resumedFrom?: CheckpointReport & {
    /** Records that the sources had read up to there. */
    readonly recordsIn: number;
  };
}

/** A checkpoint, for people and programs. */
export interface CheckpointReport {
  readonly id: number;
  readonly attempt: string;
}

/**
 * A running job.
 *
 * @example
 * const handle = await flow.run();
 * process.once('SIGINT', () => void handle.stop());
 * await handle.done;
 */
export interface JobHandle {
  /** Resolves when the job has finished or was stopped; rejects with a `MillraceError` when it failed. */
  readonly done: Promise<void>;
  readonly status: JobStatus;
  /** Live counters per operator and event time per source. */
  metrics(): JobMetrics;
  /**
   * Ends the job: no further record is taken, what was emitted is written and published. Open windows are not fired,
   * unless `drain`: then event time goes to its end first, as at the end of bounded input. Resolves with `done`.
   */
  stop(options?: { readonly drain?: boolean }): Promise<void>;
}
