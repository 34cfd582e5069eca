import type { Clock, ErrorPolicy, FunctionCompiler, Logger, Random, Scheduler, StateBackend } from '../model/index.ts';

/** Everything a job takes from outside: given by the platform, by `run` options, or by a test. */
export interface Environment {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  readonly onError: ErrorPolicy;
  /** How operators get code of their own; `undefined`: they share that of their class, and are slower. */
  readonly compile: FunctionCompiler | undefined;
  /** Whether values of state are checked for changes in place. */
  readonly development: boolean;
  createState(operatorId: string): StateBackend;
}
