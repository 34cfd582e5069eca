import type { Graph } from '../graph/index.ts';
import type { Clock, ErrorPolicy, JobHandle, Logger, Random, Scheduler } from '../model/index.ts';

/** Options of `flow.run`. */
export interface RunOptions {
  /** What happens to a record on which a function of the program throws. Default `'fail'`: the job fails. */
  readonly onError?: ErrorPolicy;
  /**
   * `'auto'` (default): operators get code of their own, generated and so several times faster. `'off'`: they share the
   * code of their class. Same results; where code must not be generated, `'auto'` is `'off'`.
   */
  readonly fusion?: 'auto' | 'off';
  /**
   * Whether values of state and samples of records are frozen, so that a function that changes them in place fails where it
   * does: costs time, finds mistakes. Default: on where `NODE_ENV` is `development` or `test`, else off.
   */
  readonly development?: boolean;
  /** Where the engine reports. Default: the console, from `info` up. */
  readonly logger?: Logger;
  /** Default: the system's clock. */
  readonly clock?: Clock;
  /** Default: the system's timers. */
  readonly scheduler?: Scheduler;
  /** Default: seeded from the clock. */
  readonly random?: Random;
  /** Where checkpoints go. Checkpoints are not built yet: giving this is an error that says so. */
  readonly checkpoints?: unknown;
}

/** Runs a graph. The API knows no runtime: the composition root hands one in. */
export interface Runner {
  run(graph: Graph, options: RunOptions): Promise<JobHandle>;
  explain(graph: Graph): string;
}
