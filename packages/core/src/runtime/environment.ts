import type { Clock, ErrorPolicy, Logger, Random, Scheduler, StateBackend } from '../model/index.ts';

/** Everything a job takes from outside: given by the platform, by `run` options, or by a test. */
export interface Environment {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly onError: ErrorPolicy;
  createState(operatorId: string): StateBackend;
}
