import type { Dataflow } from '../api/index.ts';
import { seededRandom } from '../internal/seeded-random.ts';
import { silentLogger, type ErrorPolicy, type Logger, type TaskMetrics, type StateBackend } from '../model/index.ts';
import { plan } from '../plan/index.ts';
import { webFunctionCompiler } from '../platform/web/index.ts';
import { Door, JobCore, openConnections, type Connections, type StepResult } from '../runtime/index.ts';
import { HeapBackend } from '../state/index.ts';
import { alteredGraph, type Adversity } from './altered-graph.ts';
import { checkConservation } from './conservation.ts';
import { ProgressGuard } from './progress-guard.ts';
import type { PipelineSnapshot } from './snapshot-json.ts';
import { VirtualTime } from './virtual-time.ts';
import { waitForIo } from './wait-for-io.ts';

/** Options of `pipelineDriver`. */
export interface DriverOptions extends Adversity {
  /** Goes on from here instead of from the beginning. */
  readonly restore?: PipelineSnapshot;
  /** The clock; default: a new one that begins at 0. */
  readonly time?: VirtualTime;
  /** What happens to a record on which a function of the program throws. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
  /** Default: says nothing. */
  readonly logger?: Logger;
  /** Seed of the random numbers that sources get. Default 1. */
  readonly seed?: number;
  /** Steps without progress after which a loop gives up. Default 10,000. */
  readonly stallSteps?: number;
  /** As in `flow.run`. Default `'auto'`. */
  readonly fusion?: 'auto' | 'off';
  /** `'general'`: windows keep their state per key also where slices would serve; same results. Default `'auto'`. */
  readonly windows?: 'auto' | 'general';
  /** Checks that values of state are not changed in place. Default true. */
  readonly development?: boolean;
  /** Another state backend. Default: the heap. */
  readonly createState?: (operatorId: string) => StateBackend;
}

const DEFAULT_STALL_STEPS = 10_000;

/**
 * Opens a dataflow and hands its step loop to the test: nothing moves unless it is told to, time included.
 *
 * @param flow the program; may be opened again and again, each time independently of its other runs
 * @throws {MillraceError} as `flow.run()` does
 * @example
 * const driver = await pipelineDriver(flow);
 * driver.step(); // one batch
 * const snapshot = await driver.snapshot();
 * await driver.crash();
 * const second = await pipelineDriver(flow, { restore: snapshot });
 * await second.runToEnd();
 * second.assertConservation();
 */
export async function pipelineDriver(flow: Dataflow, options: DriverOptions = {}): Promise<PipelineDriver> {
  const planned = plan(alteredGraph(flow.graph(), options), options);
  const time = options.time ?? new VirtualTime();
  const environment = {
    clock: time,
    scheduler: time,
    random: seededRandom(options.seed ?? 1),
    logger: options.logger ?? silentLogger,
    onError: options.onError ?? ('fail' as const),
    development: options.development ?? true,
    compile: options.fusion === 'off' ? undefined : webFunctionCompiler,
    createState: options.createState ?? ((operatorId: string) => new HeapBackend(operatorId)),
  };
  const door = new Door();
  const connections = await openConnections(planned, environment, door, options.restore);
  const core = new JobCore(planned, connections, environment, door);
  if (options.restore !== undefined) core.restore(options.restore);
  return new PipelineDriver(core, connections, door, time, options.stallSteps ?? DEFAULT_STALL_STEPS);
}

/** A pipeline in the hands of a test. Made by `pipelineDriver`. */
export class PipelineDriver {
  readonly time: VirtualTime;
  /** @internal The engine itself, for the rest of this kit. */
  readonly core: JobCore;
  private readonly connections: Connections;
  private readonly door: Door;
  private readonly guard: ProgressGuard;
  private closed = false;

  /** @internal Use `pipelineDriver`. */
  constructor(core: JobCore, connections: Connections, door: Door, time: VirtualTime, stallSteps: number) {
    this.core = core;
    this.connections = connections;
    this.door = door;
    this.time = time;
    this.guard = new ProgressGuard(core, stallSteps);
  }

  /** Whether nothing is in flight: a snapshot would be taken here. */
  get quiet(): boolean {
    return this.core.task.quiet;
  }

  /** One step: at most one batch or 512 results. Says what came of it. */
  step(): StepResult {
    this.time.runDeferred();
    this.door.rearm();
    const result = this.core.task.step();
    this.guard.note('step()');
    return result;
  }

  /** Steps until nothing moves without time, I/O or a sink's wake. */
  runUntilWaiting(): StepResult {
    for (;;) {
      const result = this.step();
      if (result !== 'worked') return result;
    }
  }

  /** Lets `ms` milliseconds pass as they would in a running job: it steps whenever it is woken or wanted to look again. */
  advance(ms: number): StepResult {
    const until = this.time.now() + ms;
    for (;;) {
      const result = this.runUntilWaiting();
      const next = this.nextMoment(result);
      if (result === 'finished' || result === 'stopped' || next > until) {
        this.time.advanceTo(until);
        return next > until && result !== 'finished' && result !== 'stopped' ? this.runUntilWaiting() : result;
      }
      this.time.advanceTo(next);
    }
  }

  /**
   * Runs to the end of the input or of `stop()`: moves time where the job waits for it, waits for I/O where it must.
   * Then finishes the sinks and closes the sources.
   *
   * @throws Error if nothing moves any more; whatever the job fails with, after its sinks were aborted
   */
  async runToEnd(): Promise<TaskMetrics> {
    try {
      for (;;) {
        const result = this.runUntilWaiting();
        if (result === 'finished' || result === 'stopped') break;
        await this.waitForMore(result);
      }
      await Promise.all(this.connections.allWriters.map((writer) => writer.finish()));
    } catch (error) {
      await this.crash();
      throw error;
    }
    this.closed = true;
    await this.core.close();
    return this.metrics();
  }

  /** Ends the job and waits for it; with `drain` event time goes to its end first. */
  stop(options: { readonly drain?: boolean } = {}): Promise<TaskMetrics> {
    this.core.task.stop(options.drain ?? false);
    return this.runToEnd();
  }

  /** Throws the instance away as a crash would: nothing more is published. */
  async crash(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.allSettled([this.core.close(), ...this.connections.allWriters.map((writer) => writer.abort())]);
  }

  metrics(): TaskMetrics {
    return this.core.metrics();
  }

  /** @throws Error naming the operator at which records are unaccounted for */
  assertConservation(): void {
    checkConservation(this.metrics());
  }

  /** A snapshot at the next moment at which nothing is in flight. */
  async snapshot(): Promise<PipelineSnapshot> {
    while (!this.quiet) {
      const result = this.step();
      if (result !== 'worked' && !this.quiet) await this.waitForMore(result);
    }
    return this.core.snapshot();
  }

  private nextMoment(result: StepResult): number {
    const retryInMs = result === 'waiting' ? this.core.task.retryInMs : Infinity;
    return Math.min(this.time.nextTimer, this.time.now() + retryInMs);
  }

  /** I/O first, so that time does not run away from a disk; then time; then as long as I/O takes. */
  private async waitForMore(result: StepResult): Promise<void> {
    this.guard.note('runToEnd()');
    if (await waitForIo(this.door, 'a turn')) return;
    const next = this.nextMoment(result);
    if (next < Infinity) this.time.advanceTo(next);
    else if (!(await waitForIo(this.door, 'long'))) {
      throw new Error(`the pipeline is ${result}, but no source or sink has called wake()`);
    }
  }
}
