import type {
  CheckpointStorage,
  Clock,
  ErrorPolicy,
  FunctionCompiler,
  Guarantee,
  JobEvent,
  Logger,
  Machine,
  Random,
  RestartPolicy,
  Scheduler,
  StateBackend,
} from '../model/index.ts';
import type { Guards } from './guards.ts';
import type { AlarmSettings } from './alarms.ts';

/** Everything a task takes from outside: given by the platform, by `run` options, or by a test. */
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
  /** What connectors of one outside system share, by its name. */
  readonly resources?: Readonly<Record<string, unknown>>;
  /** In place of the real machine: a modelled one. */
  readonly machine?: Machine;
  /** Hears of anti-patterns; absent: nobody does. */
  readonly guards?: Guards;
  /** @param tracking whether changes are tracked, as checkpoints need it */
  createState(operatorId: string, tracking: boolean): StateBackend;
}

/** How a job keeps and takes checkpoints. */
export interface CheckpointSettings {
  readonly storage: CheckpointStorage;
  readonly guarantee: Guarantee;
  readonly commitIntervalMs: number;
  readonly snapshotIntervalMs: number;
  readonly restart: RestartPolicy;
  /** Whether what is there is thrown away. */
  readonly fresh: boolean;
  /** Id of an older checkpoint to go back to; `undefined`: the last one. */
  readonly restoreFrom: number | undefined;
  /** Operators that were changed on purpose: their state is taken as it is, or dropped with them. */
  readonly acceptChanges: readonly string[];
}

/** What a whole job needs beyond its task. */
export interface JobEnvironment extends Environment {
  /** `undefined`: it has no checkpoints, and starts from its beginning. */
  readonly checkpoints: CheckpointSettings | undefined;
  readonly onEvent: (event: JobEvent) => void;
  /** `undefined`: nothing is watched. */
  readonly alarms: AlarmSettings | undefined;
  /** The job fails before its state takes more memory, bytes; Infinity: no limit. */
  readonly maxStateBytes: number;
  /** A new UUID. */
  newId(): string;
}
