import { Coordinator, loadState, type CommitSubject, type RestoredJob } from '../checkpoint/index.ts';
import { invariant, MillraceError } from '../errors/index.ts';
import type { Cancellable, CheckpointStore, JsonValue, SinkWriter, TaskMetrics } from '../model/index.ts';
import { fingerprint, type Plan } from '../plan/index.ts';
import { committingSink } from './committing-sink.ts';
import { openConnections, type Connections } from './connections.ts';
import { Door } from './door.ts';
import type { CheckpointSettings, JobEnvironment } from './environment.ts';
import { JobCore } from './job-core.ts';
import type { Monitor } from './monitor.ts';
import { StateCeiling } from './state-ceiling.ts';
import { runStepLoop } from './step-loop.ts';
import type { TaskProgress } from './task-snapshot.ts';

/** Between two looks at the size of state. */
const SIZE_LOOK_MS = 1_000;

/** What an attempt of a job with checkpoints goes on from. */
export interface AttemptStart {
  readonly store: CheckpointStore;
  readonly settings: CheckpointSettings;
  readonly restored: RestoredJob;
  /** Called after each commit. */
  readonly onCommit: (name: { readonly id: number; readonly attempt: string }) => void;
}

/**
 * One life of a task: from opening its sources and sinks, at the last checkpoint if there is one, to its end or its first
 * error. After an error nothing of it is used again: rolling back means to begin another attempt, as after a crash.
 */
export class Attempt {
  readonly core: JobCore;
  private readonly plan: Plan;
  private readonly env: JobEnvironment;
  private readonly connections: Connections;
  private readonly door: Door;
  private readonly ceiling: StateCeiling;
  private readonly start: AttemptStart | undefined;
  private readonly monitor: Monitor;
  private coordinator: Coordinator | undefined;
  private readonly startedMs: number;
  private readonly failed: Promise<never>;
  private readonly ended = new Set<SinkWriter<never>>();
  /** Ends the attempt with an error, from outside the step loop. */
  fail!: (error: unknown) => void;
  /** The error with which it ends after a last commit. */
  private verdict: MillraceError | undefined;
  private commitTimer: Cancellable | undefined;
  private sizeTimer: Cancellable | undefined;
  private committing: Promise<void> | undefined;
  private commitWanted = false;
  /** A cut that has not had its moment yet; called with an error, it has none. */
  private waitingCut: ((error?: Error) => void) | undefined;
  private loopEnded = false;

  private constructor(
    plan: Plan,
    env: JobEnvironment,
    opened: {
      readonly door: Door;
      readonly connections: Connections;
      readonly core: JobCore;
      readonly monitor: Monitor;
    },
    ceiling: StateCeiling,
    start: AttemptStart | undefined,
  ) {
    this.plan = plan;
    this.env = env;
    this.door = opened.door;
    this.connections = opened.connections;
    this.core = opened.core;
    this.monitor = opened.monitor;
    this.ceiling = ceiling;
    this.start = start;
    this.startedMs = env.clock.monotonic();
    this.failed = new Promise((_, reject) => (this.fail = reject));
    // Whoever runs the attempt hears of it; until then nobody needs to.
    this.failed.catch(() => undefined);
  }

  /** @throws MillraceError if sources, sinks or the checkpoint cannot be opened; everything is released again */
  static async begin(
    plan: Plan,
    env: JobEnvironment,
    start: AttemptStart | undefined,
    monitor: Monitor,
  ): Promise<Attempt> {
    const door = new Door();
    const ceiling = new StateCeiling(env.maxStateBytes, env.logger, env.onEvent);
    const manifest = start?.restored.manifest;
    if (manifest !== undefined) ceiling.check(manifest.operators);
    // It is what `progress` returned.
    const progress = manifest?.task as unknown as TaskProgress | undefined;
    const holder: { attempt?: Attempt } = {};
    const requestCommit = (): void => holder.attempt?.requestCommit();
    const mode = start === undefined ? undefined : { guarantee: start.settings.guarantee, requestCommit };
    const connections = await openConnections(plan, env, door, progress, mode);
    try {
      const core = new JobCore(plan, connections, env, door, { tracking: start !== undefined, meters: monitor.meters });
      const attempt = new Attempt(plan, env, { door, connections, core, monitor }, ceiling, start);
      holder.attempt = attempt;
      if (start !== undefined) await attempt.restore(start, progress);
      return attempt;
    } catch (error) {
      await Promise.allSettled([connections.closeReaders(), ...connections.allWriters.map((writer) => writer.abort())]);
      throw error;
    }
  }

  get runMs(): number {
    return (this.start?.restored.manifest?.runMs ?? 0) + this.env.clock.monotonic() - this.startedMs;
  }

  metrics(): TaskMetrics {
    return this.core.metrics();
  }

  stop(drain: boolean): void {
    this.core.task.stop(drain);
  }

  /** A commit as soon as it can be. */
  requestCommit(): void {
    if (this.coordinator === undefined || this.loopEnded) return;
    if (this.committing !== undefined) this.commitWanted = true;
    else this.beginCommit();
  }

  /** To the end of the input, to `stop`, or to the first error. */
  async run(): Promise<'finished' | 'stopped'> {
    const { clock, scheduler } = this.env;
    const { meters } = this.monitor;
    const watching = this.monitor.watch(this.core.sources);
    this.commitAtStart();
    this.scheduleCommit();
    this.scheduleSizeLook();
    try {
      const outcome = await Promise.race([
        runStepLoop(this.core.task, this.door, clock, scheduler, meters),
        this.failed,
      ]);
      this.endLoop();
      await this.committing;
      if (this.coordinator !== undefined) {
        // Whoever could not even stop in good order goes on from the last checkpoint.
        if (!this.core.task.quiet) return await this.giveUp();
        await Promise.race([this.commit(outcome), this.failed]);
      }
      await this.endWriters((writer) => writer.finish());
      if (this.verdict !== undefined) throw this.verdict;
      return outcome;
    } finally {
      // Where the attempt has failed, what waits to be cut is not committed any more.
      this.endLoop(new MillraceError('JOB_STATE', { message: 'The attempt has ended.' }));
      this.commitTimer?.cancel();
      this.sizeTimer?.cancel();
      watching.end();
    }
  }

  /** After an error: publishes nothing further and lets everything go. */
  async abort(): Promise<void> {
    this.door.halt();
    this.coordinator?.abort();
    await this.committing?.catch(() => undefined);
    await this.endWriters((writer) => writer.abort()).catch(() => undefined);
  }

  private async giveUp(): Promise<'stopped'> {
    await this.abort();
    return 'stopped';
  }

  private async restore(start: AttemptStart, progress: TaskProgress | undefined): Promise<void> {
    const { store, restored, settings } = start;
    const { clock, scheduler, onEvent } = this.env;
    const { manifest } = restored;
    const attempt = this.env.newId();
    if (manifest !== undefined && progress !== undefined) {
      const begun = clock.monotonic();
      await loadState(manifest, this.core.built.states, { store, clock, onEvent });
      this.core.resume(progress);
      const durationMs = clock.monotonic() - begun;
      onEvent({ type: 'restored', id: manifest.id, attempt: manifest.attempt, durationMs });
    }
    for (const [name, { transaction }] of this.connections.byName) {
      const saved = manifest?.committables.find(({ sink }) => sink === name);
      const last =
        saved === undefined || manifest === undefined ? undefined : { name: manifest, committable: saved.value };
      await transaction?.recover(attempt, last);
    }
    const options = {
      store,
      retained: settings.storage.retained,
      attempt,
      snapshotIntervalMs: settings.snapshotIntervalMs,
      clock,
      scheduler,
    };
    this.coordinator = new Coordinator(this.subject(), options, restored);
  }

  private subject(): CommitSubject {
    const { core, plan } = this;
    return {
      job: plan.name,
      plan: fingerprint(plan),
      operators: [...core.built.states].map(([id, state]) => ({
        id,
        entryStates: state.entryStates,
        get size() {
          return state.size;
        },
        cut: (kind, outputOf) => state.cut(kind, outputOf),
      })),
      sinks: [...this.connections.byName].map(([name, writer]) => committingSink(name, writer)),
      // Plain data: positions are JSON, times are encoded.
      snapshotTask: () => core.progress() as unknown as JsonValue,
      positions: () => core.positions(),
      atQuiet: (action) =>
        this.atQuiet(() => {
          this.monitor.meters.seal();
          return action();
        }),
      runMs: () => this.runMs,
    };
  }

  private atQuiet<T>(action: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waitingCut = (error) => {
        this.waitingCut = undefined;
        try {
          if (error !== undefined) throw error;
          // Where the loop ended in the middle of something, there will be no quiet moment.
          invariant(this.core.task.quiet, 'a cut is taken where nothing is in flight');
          resolve(action());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (this.loopEnded) this.waitingCut();
      else this.core.task.atQuiet(() => this.waitingCut?.());
    });
  }

  private endLoop(error?: Error): void {
    this.loopEnded = true;
    this.waitingCut?.(error);
  }

  private commitAtStart(): void {
    const { start } = this;
    if (start?.settings.storage.commitsAtStart === true && start.restored.manifest === undefined) this.requestCommit();
  }

  private scheduleCommit(): void {
    if (this.coordinator === undefined || this.start === undefined || this.loopEnded) return;
    this.commitTimer = this.env.scheduler.after(this.start.settings.commitIntervalMs, () => {
      // One that is due while another is under way begins as soon as that one has ended: output waits for it.
      this.requestCommit();
      this.scheduleCommit();
    });
  }

  private beginCommit(): void {
    this.committing = this.commit().then(
      () => {
        this.committing = undefined;
        if (!this.commitWanted || this.loopEnded) return;
        this.commitWanted = false;
        this.beginCommit();
      },
      (error) => {
        // The attempt is over: `committing` stays, so that nothing further is committed.
        this.fail(error);
        throw error;
      },
    );
    // `fail` has told whoever runs the attempt.
    this.committing.catch(() => undefined);
  }

  private async commit(end?: 'finished' | 'stopped'): Promise<void> {
    const { coordinator, env } = this;
    invariant(coordinator !== undefined, 'there is a coordinator where there are commits');
    const begun = env.clock.monotonic();
    const { name, kind, bytes, entries } = await coordinator.commit(end);
    const durationMs = env.clock.monotonic() - begun;
    this.monitor.committed(bytes, durationMs);
    this.start?.onCommit(name);
    env.onEvent({ type: 'checkpoint', ...name, kind, bytes, entries, durationMs });
  }

  private scheduleSizeLook(): void {
    if (this.env.maxStateBytes === Infinity) return;
    this.sizeTimer = this.env.scheduler.after(SIZE_LOOK_MS, () => {
      this.verdict = this.ceiling.look(this.core.built.states);
      if (this.verdict !== undefined) this.core.task.stop(false);
      else if (!this.loopEnded) this.scheduleSizeLook();
    });
  }

  /** Ends every writer once, and the readers; an error of one keeps none of the others from ending. */
  private async endWriters(end: (writer: SinkWriter<never>) => Promise<void>): Promise<void> {
    const writers = this.connections.allWriters.filter((writer) => !this.ended.has(writer));
    for (const writer of writers) this.ended.add(writer);
    const outcomes = await Promise.allSettled([...writers.map(async (writer) => end(writer)), this.core.close()]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  }
}
