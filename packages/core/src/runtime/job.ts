import { discardOthers, readCheckpoint, type RestoredJob } from '../checkpoint/index.ts';
import { messageOf } from '../errors/index.ts';
import type {
  CheckpointReport,
  CheckpointStore,
  JobHandle,
  JobMetrics,
  JobStatus,
  TaskMetrics,
} from '../model/index.ts';
import { findAntiPatterns, type Plan } from '../plan/index.ts';
import { Attempt } from './attempt.ts';
import type { CheckpointSettings, JobEnvironment } from './environment.ts';
import { finishAgain, finishedMetrics, recordsIn } from './finished-job.ts';
import { checkGuarantee } from './guarantee.ts';
import { Monitor } from './monitor.ts';
import { withAcceptedChanges } from './plan-changes.ts';
import { Restarts } from './restarts.ts';

/** The parts of a job that has checkpoints. */
interface Checkpointed {
  readonly settings: CheckpointSettings;
  readonly store: CheckpointStore;
  readonly restarts: Restarts;
}

/**
 * A job in this process: attempts, one after the other, until one ends well or the restart policy gives up.
 *
 *   running --end of input--> finished        running --stop()--> stopping --> stopped (drain: finished)
 *    |   ^                                       \--error--> failed
 *    |   +-- delay, another attempt from the last checkpoint
 *    +--error that may pass--> asks the restart policy --gives up--> failed
 */
export class Job implements JobHandle {
  readonly done: Promise<void>;
  private readonly plan: Plan;
  private readonly env: JobEnvironment;
  private readonly monitor: Monitor;
  private checkpointed: Checkpointed | undefined;
  private attempt: Attempt | undefined;
  private current: JobStatus = 'running';
  private last: TaskMetrics = { operators: [], sources: [], sinks: [] };
  private runMs = 0;
  private checkpoint: CheckpointReport | undefined;
  /** Whether anything was committed since the start: an older checkpoint asked for by hand counts until then. */
  private committed = false;
  /** Another process has the job. It may be heard of at any time, also between two attempts. */
  private lost: Error | undefined;
  private resumedFrom: JobMetrics['resumedFrom'];
  private endWait: (() => void) | undefined;
  private stopping: { readonly drain: boolean } | undefined;
  private settle!: { readonly resolve: () => void; readonly reject: (error: unknown) => void };

  private constructor(plan: Plan, env: JobEnvironment) {
    this.plan = plan;
    this.env = env;
    this.monitor = new Monitor(env);
    this.done = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
  }

  /** Resolves once the job's first attempt is about to run, or it is known to have finished before. */
  static async start(plan: Plan, env: JobEnvironment): Promise<Job> {
    env.guards?.check(findAntiPatterns(plan));
    const job = new Job(plan, env);
    if (env.checkpoints !== undefined) checkGuarantee(plan, env.onError, env.checkpoints.guarantee);
    try {
      if (env.checkpoints !== undefined) await job.openStore(env.checkpoints);
      const runs = await job.begin();
      env.guards?.begun();
      void job.run(runs).then(job.settle.resolve, job.settle.reject);
      return job;
    } catch (error) {
      await job.checkpointed?.store.close().catch(() => undefined);
      throw error;
    }
  }

  get status(): JobStatus {
    return this.current;
  }

  metrics(): JobMetrics {
    const { attempt, checkpoint, resumedFrom, monitor } = this;
    const commits = monitor.meters.commitsReport();
    return {
      ...(attempt?.metrics() ?? this.last),
      runMs: attempt?.runMs ?? this.runMs,
      restarts: this.checkpointed?.restarts.count ?? 0,
      alarms: monitor.exceeded,
      ...(commits === undefined ? {} : { commits }),
      ...(checkpoint === undefined ? {} : { checkpoint }),
      ...(resumedFrom === undefined ? {} : { resumedFrom }),
    };
  }

  stop(options: { readonly drain?: boolean } = {}): Promise<void> {
    if (this.current === 'running') {
      this.current = 'stopping';
      this.stopping = { drain: options.drain ?? false };
      this.attempt?.stop(this.stopping.drain);
      this.endWait?.();
    }
    return this.done;
  }

  private async openStore(settings: CheckpointSettings): Promise<void> {
    const { clock, scheduler, random, logger, machine } = this.env;
    const store = await settings.storage.open({
      job: this.plan.name,
      token: this.env.newId(),
      clock,
      scheduler,
      logger,
      machine,
      onLost: (error) => this.lose(error),
    });
    try {
      if (settings.fresh) await store.clear();
      this.checkpointed = { settings, store, restarts: await Restarts.load(store, settings.restart, clock, random) };
    } catch (error) {
      await store.close().catch(() => undefined);
      throw error;
    }
  }

  private lose(error: Error): void {
    this.lost ??= error;
    this.attempt?.fail(error);
    this.endWait?.();
  }

  /** Makes the next attempt. Returns false if there is nothing left to do. */
  private async begin(): Promise<boolean> {
    const { checkpointed } = this;
    if (this.lost !== undefined) throw this.lost;
    const restored = checkpointed === undefined ? undefined : await this.readLast(checkpointed);
    if (checkpointed !== undefined && restored?.manifest?.finished === true) {
      const { manifest } = restored;
      await finishAgain(this.plan, this.env, checkpointed.settings, manifest);
      const { settings, store } = checkpointed;
      await discardOthers(store, restored.kept.slice(0, settings.storage.retained), manifest.id);
      this.last = finishedMetrics(this.plan, manifest, this.monitor.meters);
      this.runMs = manifest.runMs;
      return false;
    }
    this.attempt = await Attempt.begin(
      this.plan,
      this.env,
      checkpointed === undefined || restored === undefined
        ? undefined
        : { ...checkpointed, restored, onCommit: (name) => this.noteCommit(name) },
      this.monitor,
    );
    if (this.lost !== undefined) this.attempt.fail(this.lost);
    if (this.stopping !== undefined) this.attempt.stop(this.stopping.drain);
    return true;
  }

  private noteCommit(name: CheckpointReport): void {
    this.checkpoint = name;
    this.committed = true;
  }

  private async readLast({ store, settings }: Checkpointed): Promise<RestoredJob> {
    const from = this.committed ? undefined : settings.restoreFrom;
    const restored = await readCheckpoint(store, this.plan.name, from);
    if (restored.manifest === undefined) return restored;
    const { id, attempt } = restored.manifest;
    this.checkpoint = { id, attempt };
    this.resumedFrom ??= { id, attempt, recordsIn: recordsIn(this.plan, restored.manifest) };
    const manifest = withAcceptedChanges(restored.manifest, this.plan, settings.acceptChanges);
    return { ...restored, manifest };
  }

  private async run(runs: boolean): Promise<void> {
    try {
      this.current = runs ? await this.runAttempts() : 'finished';
    } catch (error) {
      this.current = 'failed';
      throw error;
    } finally {
      this.runMs = this.attempt?.runMs ?? this.runMs;
      this.last = this.attempt?.metrics() ?? this.last;
      this.attempt = undefined;
      this.monitor.end();
      await this.checkpointed?.store.close().catch(() => undefined);
    }
  }

  private async runAttempts(): Promise<'finished' | 'stopped'> {
    for (;;) {
      try {
        if (this.attempt === undefined && !(await this.begin())) return 'finished';
        return await (this.attempt as Attempt).run();
      } catch (error) {
        await this.attempt?.abort();
        if (!(await this.waitForRestart(error))) return 'stopped';
      }
    }
  }

  /** Waits as the policy says. Returns false if the job was stopped meanwhile; throws the error if the policy gives up. */
  private async waitForRestart(error: unknown): Promise<boolean> {
    const delayMs = await this.checkpointed?.restarts.afterFailure(error);
    if (delayMs === undefined) throw error;
    if (this.attempt !== undefined) this.last = this.attempt.metrics();
    this.attempt = undefined;
    const restarts = this.checkpointed?.restarts.count ?? 0;
    const cause = error instanceof Error ? error : new Error(String(error));
    this.env.logger.warn(`the job failed and begins again in ${Math.round(delayMs)} ms: ${messageOf(error)}`);
    this.env.onEvent({ type: 'restarting', restarts, delayMs, error: cause });
    if (this.stopping !== undefined) return false;
    if (this.lost !== undefined) return true;
    await new Promise<void>((resolve) => {
      const timer = this.env.scheduler.after(delayMs, resolve);
      this.endWait = () => {
        timer.cancel();
        resolve();
      };
    });
    this.endWait = undefined;
    return this.stopping === undefined;
  }
}
