import type { Graph } from '../graph/index.ts';
import type { Duration } from '../internal/duration.ts';
import type {
  AlarmOptions,
  CheckpointStorage,
  Clock,
  ErrorPolicy,
  Guarantee,
  GuardOptions,
  JobEvent,
  JobHandle,
  Logger,
  Random,
  RestartPolicy,
  Scheduler,
} from '../model/index.ts';

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
  /**
   * Where checkpoints go: `directory(path)` of `millrace/node`, or `memoryCheckpoints()`. A job that is started again with
   * them goes on where it was. Default: none; the job starts from its beginning.
   */
  readonly checkpoints?: CheckpointStorage;
  /** What the job promises of its output (with `checkpoints`). Default `'exactly-once'`; refused if a sink cannot keep it. */
  readonly guarantee?: Guarantee;
  /** How often state is made durable and output published. Default `'1s'`. */
  readonly commitInterval?: Duration;
  /** How often all of the state is written anew, instead of what has changed. Default `'30s'`. */
  readonly snapshotInterval?: Duration;
  /**
   * What happens when the job fails with an error that may pass: `fixedDelay`, `exponentialDelay`, `failureRate`, `noRestart`.
   * Default: `exponentialDelay({ attempts: 10 })`. Without checkpoints the job fails.
   */
  readonly restart?: RestartPolicy;
  /** Throws the checkpoints away and starts from the beginning. Output that is there stays, and its sink may refuse it. */
  readonly fresh?: boolean;
  /** Goes back to an older checkpoint, by its id; what came after it is published again. Default: the last one. */
  readonly restoreFrom?: number;
  /** Names of operators that were changed on purpose since the checkpoint was taken; others are refused. */
  readonly acceptChanges?: readonly string[];
  /**
   * The job fails, after a last checkpoint, before its state takes more memory than this; bytes. At 70 % it warns. Default:
   * 60 % of the heap's limit, where that is known.
   */
  readonly maxStateBytes?: number;
  /**
   * What happens to anti-patterns that show in the program, when it starts or while it runs: `'warn'` (default) logs one line each,
   * `'error'` refuses the job before anything is read (what shows only later is logged), `'off'`. `{ level, ignore }` leaves some out.
   */
  readonly guards?: GuardOptions;
  /** Called with what the job does: checkpoints, restarts, progress of a restore. */
  readonly onEvent?: (event: JobEvent) => void;
  /**
   * Limits of every source: `onEvent` gets `alarm` when one was exceeded for longer than `for`, and `alarmEnded` afterwards.
   *
   * @example flow.run({ alarms: { lag: 10_000, watermarkLag: '5m', latency: '2s', for: '30s' }, onEvent: console.log })
   */
  readonly alarms?: AlarmOptions;
  /**
   * What the connectors of one outside system share, by its name, such as a client and its transaction. Runners of connector
   * packages give it.
   */
  readonly resources?: Readonly<Record<string, unknown>>;
}

/** Runs a graph. The API knows no runtime: the composition root hands one in. */
export interface Runner {
  run(graph: Graph, options: RunOptions): Promise<JobHandle>;
  explain(graph: Graph): string;
}
