import type { JobHandle, JobMetrics, JobStatus } from '../model/index.ts';
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
  private current: JobStatus = 'running';

  private constructor(core: JobCore, connections: Connections, door: Door, environment: Environment) {
    this.core = core;
    this.connections = connections;
    this.done = this.run(door, environment);
  }

  static async start(plan: Plan, environment: Environment): Promise<Job> {
    const door = new Door();
    const connections = await openConnections(plan, environment, door, undefined);
    return new Job(new JobCore(plan, connections, environment, door), connections, door, environment);
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

  private async run(door: Door, { clock, scheduler }: Environment): Promise<void> {
    const { allWriters } = this.connections;
    try {
      const outcome = await runStepLoop(this.core.task, door, clock, scheduler);
      await Promise.all(allWriters.map((writer) => writer.finish()));
      await this.core.close();
      this.current = outcome;
    } catch (error) {
      this.current = 'failed';
      await Promise.allSettled([this.core.close(), ...allWriters.map((writer) => writer.abort())]);
      throw error;
    }
  }
}
