import type { Random } from './clock.ts';

/** What went wrong so far, over all processes of the job; kept beside its checkpoints. */
export interface FailureLog {
  /** Restarts since the job's very first start. */
  readonly restarts: number;
  /** Restarts since the job last ran well, as the policy sees it. */
  readonly streak: number;
  /** When it failed, epoch ms, oldest first; the last hundred. */
  readonly times: readonly number[];
}

/**
 * Whether and when a job that failed begins again from its last checkpoint. Only failures that may pass lead here; an error of
 * the program does not.
 */
export interface RestartPolicy {
  /** What it is, for people. */
  readonly describe: string;
  /**
   * Milliseconds to wait; `undefined`: give up.
   *
   * @param log with the failure in question as the last of `times`
   */
  delayMs(log: FailureLog, random: Random): number | undefined;
  /** After so long without a failure the streak begins anew, milliseconds; Infinity: never. */
  readonly resetAfterMs: number;
}
