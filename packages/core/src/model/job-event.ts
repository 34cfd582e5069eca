import type { AlarmReport } from './metrics-report.ts';

/** What a job tells of itself while it runs: for logs, progress bars and alarms. */
export type JobEvent =
  | {
      /** A checkpoint is the truth now, and its output is published. */
      readonly type: 'checkpoint';
      readonly id: number;
      readonly attempt: string;
      readonly kind: 'full' | 'delta';
      /** What was written of keyed state. */
      readonly bytes: number;
      readonly entries: number;
      readonly durationMs: number;
    }
  | {
      /** State is being read back. At least at the beginning and at the end, in between some ten times a second. */
      readonly type: 'restoring';
      readonly id: number;
      readonly bytes: number;
      readonly bytesTotal: number;
      readonly entries: number;
      readonly entriesTotal: number;
      /** Milliseconds left at the speed so far; `undefined` before anything was read. */
      readonly etaMs: number | undefined;
    }
  | {
      /** The job goes on from a checkpoint. */
      readonly type: 'restored';
      readonly id: number;
      readonly attempt: string;
      readonly durationMs: number;
    }
  | {
      /** The job failed, and begins again from its last checkpoint after `delayMs`. */
      readonly type: 'restarting';
      /** Restarts so far, over all processes, this one included. */
      readonly restarts: number;
      readonly delayMs: number;
      readonly error: Error;
    }
  | {
      /** An operator's state nears the ceiling (`maxStateBytes`). */
      readonly type: 'stateSize';
      readonly operator: string;
      readonly entries: number;
      readonly bytes: number;
      readonly totalBytes: number;
      readonly maxBytes: number;
    }
  | ({
      /** A source has been above one of the `alarms` of `flow.run` for longer than they tolerate. */
      readonly type: 'alarm';
    } & AlarmReport)
  | ({
      /** It is no longer, or the job has ended. `value` is that of now. */
      readonly type: 'alarmEnded';
    } & AlarmReport);
