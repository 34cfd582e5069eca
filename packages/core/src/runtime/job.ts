import type { JobHandle, JobMetrics, JobStatus, SinkWriter } from '../model/index.ts';
import type { Plan } from '../plan/index.ts';
import { openConnections, type Connections } from './connections.ts';
import { Door } from './door.ts';
import type { Environment } from './environment.ts';
import { JobCore } from './job-core.ts';
import { runStepLoop } from './step-loop.ts';

/**
 * A job in this process: opens its connections, runs the step loop, ends its sinks.
 *
 *   running --end of input--> finished          running --stop()--> stopping --> stopped (drain: finished)
 *      \--error--> failed                          (an error while stopping: failed)
 */
export class Job implements JobHandle {
  readonly done: Promise<void>;
  private readonly core: JobCore;
  private readonly connections: Connections;
  private readonly ended = new Set<SinkWriter<never>>();
  private current: JobStatus = 'running';

  private constructor(core: JobCore, connections: Connections, door: Door, environment: Environment) {
    this.core = core;
    this.connections = connections;
    this.done = this.run(door, environment);
  }

  static async start(plan: Plan, environment: Environment): Promise<Job> {
    const door = new Door();
    const connections = await openConnections(plan, environment, door, undefined);
    try {
      return new Job(new JobCore(plan, connections, environment, door), connections, door, environment);
    } catch (error) {
      await Promise.allSettled([connections.closeReaders(), ...connections.allWriters.map((writer) => writer.abort())]);
      throw error;
    }
  }

  get status(): JobStatus {
    return this.current;
  }

  metrics(): JobMetrics {
    return this.core.metrics();
  }

  stop(options: { readonly drain?: boolean } = {}): Promise<void> {
    if (this.current === 'running') {
      this.current = 'stopping';
      this.core.task.stop(options.drain ?? false);
    }
    return this.done;
  }

  /** Ends every writer once, and the readers; an error of one keeps none of the others from ending. */
  private async endWriters(end: (writer: SinkWriter<never>) => Promise<void>): Promise<void> {
    const writers = this.connections.allWriters.filter((writer) => !this.ended.has(writer));
    for (const writer of writers) this.ended.add(writer);
    const outcomes = await Promise.allSettled([...writers.map(async (writer) => end(writer)), this.core.close()]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }

  private async run(door: Door, { clock, scheduler }: Environment): Promise<void> {
    try {
      const outcome = await runStepLoop(this.core.task, door, clock, scheduler);
      await this.endWriters((writer) => writer.finish());
      this.current = outcome;
    } catch (error) {
      this.current = 'failed';
      await this.endWriters((writer) => writer.abort()).catch(() => undefined);
      throw error;
    }
  }
}
