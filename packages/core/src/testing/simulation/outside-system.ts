import type { CheckpointStorage, Clock, Random, Scheduler } from '../../model/index.ts';

/** A simulated process, as a system outside of it knows it. */
export interface SystemClient {
  readonly clock: Clock;
  /** What it runs dies with the process. */
  readonly scheduler: Scheduler;
  /** Counts from 1. */
  readonly number: number;
  isAlive(): boolean;
  /** Something reaches the process after `delayMs`: never if it is dead by then, later if it is paused. */
  deliver(delayMs: number, run: () => void): void;
  /**
   * Right before a step of the system's protocol takes effect for the process. It may be dead afterwards: then the step is
   * not taken.
   *
   * @returns faults of the system that begin now
   */
  before(step: string): readonly string[];
  /** Right after it took effect, before the process hears of it. The process may be dead afterwards. */
  after(step: string): void;
}

/** The world of one run, as a system outside of all processes knows it: it outlives them. */
export interface SystemWorld {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Whether the job has committed a checkpoint. */
  committed(): boolean;
  /** Something has gone wrong by itself. */
  count(fault: string): void;
}

/** What a process of the job is run with. */
export interface SystemResources {
  readonly storage: CheckpointStorage;
  readonly resources: Readonly<Record<string, unknown>>;
}

/** The system in one run. */
export interface SystemRun {
  /** A process begins. `storage` keeps its checkpoints on the modelled disk. */
  serve(client: SystemClient, storage: CheckpointStorage): SystemResources;
  /** What readers of the output find, by place. */
  lines(): ReadonlyMap<string, readonly string[]>;
  /** What must not be there when the job has finished and no other process is left. */
  leftovers(): readonly string[];
}

/**
 * A modelled system outside of the job's processes, such as a broker, that its sources and sinks talk to. `simulate` makes it
 * anew for each run (`begin`), gives each process of the job its client (`serve`), and compares what readers find there
 * (`lines`) with a run without faults.
 *
 * A run must be a function of `world`: no clock, timer or random number of its own.
 */
export interface OutsideSystem {
  /** Steps of its protocol, in order: each is a place to crash at. */
  readonly steps: readonly string[];
  /** Checkpoints that stay on the disk when the job has finished. */
  readonly retained: number;
  /** What may go wrong with it. */
  readonly faults: readonly string[];
  /** Whether a source or sink is the system's and is left as it is; others are replaced by modelled files. */
  owns(connector: { readonly kind: string }): boolean;
  begin(world: SystemWorld): SystemRun;
}
