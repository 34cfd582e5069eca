import { TaskMeters } from '../metrics/index.ts';
import type { AlarmReport, Cancellable } from '../model/index.ts';
import { Alarms } from './alarms.ts';
import type { JobEnvironment } from './environment.ts';
import { watchedSource } from './source-report.ts';
import type { SourceTask } from './source-task.ts';

/** Between two looks at what alarms watch. */
const LOOK_MS = 1_000;

/** What is measured and watched over all attempts of a job in this process. */
export class Monitor {
  readonly meters: TaskMeters;
  private readonly env: JobEnvironment;
  private readonly alarms: Alarms | undefined;

  constructor(env: JobEnvironment) {
    this.env = env;
    this.meters = new TaskMeters(env.clock, env.checkpoints !== undefined);
    this.alarms = env.alarms === undefined ? undefined : new Alarms(env.alarms, env.onEvent);
  }

  /** Limits that are exceeded. */
  get exceeded(): readonly AlarmReport[] {
    return this.alarms?.active ?? [];
  }

  /** Looks at the sources of an attempt once a second, until its end. */
  watch(sources: readonly SourceTask[]): { readonly end: () => void } {
    const { alarms, env, meters } = this;
    let timer: Cancellable | undefined;
    const schedule = (): void => {
      timer = env.scheduler.after(LOOK_MS, () => {
        alarms?.look(
          env.clock.now(),
          sources.map((source) => watchedSource(source, meters)),
        );
        schedule();
      });
    };
    if (alarms !== undefined) schedule();
    return {
      end: () => {
        timer?.cancel();
        meters.ended();
      },
    };
  }

  committed(bytes: number, durationMs: number): void {
    this.meters.committed();
    this.meters.commits.took(bytes, durationMs, this.env.clock.now());
  }

  /** The job has ended. */
  end(): void {
    this.alarms?.end();
  }
}
