import { MillraceError } from '../errors/index.ts';
import type { CheckpointStore, Clock, FailureLog, JsonValue, Random, RestartPolicy } from '../model/index.ts';

/** Failures whose times are kept. */
const TIMES_MAX = 100;

/** Counts failures of a job, over all its processes, and asks the policy. */
export class Restarts {
  private readonly store: CheckpointStore;
  private readonly policy: RestartPolicy;
  private readonly clock: Clock;
  private readonly random: Random;
  private log: FailureLog;

  private constructor(store: CheckpointStore, policy: RestartPolicy, log: FailureLog, clock: Clock, random: Random) {
    this.store = store;
    this.policy = policy;
    this.clock = clock;
    this.random = random;
    this.log = log;
  }

  static async load(store: CheckpointStore, policy: RestartPolicy, clock: Clock, random: Random): Promise<Restarts> {
    const note = await store.readNote();
    // It is what `save` wrote.
    const log = (note as unknown as FailureLog | undefined) ?? { restarts: 0, streak: 0, times: [] };
    return new Restarts(store, policy, log, clock, random);
  }

  get count(): number {
    return this.log.restarts;
  }

  /** Milliseconds until the next attempt; `undefined`: there is none. Durable before the attempt begins. */
  async afterFailure(error: unknown): Promise<number | undefined> {
    if (error instanceof MillraceError && !error.retryable) return undefined;
    if (error instanceof MillraceError && error.code === 'RECORD_REFUSED') return this.rollBack();
    const now = this.clock.now();
    const quietMs = now - (this.log.times.at(-1) ?? -Infinity);
    const streak = (quietMs > this.policy.resetAfterMs ? 0 : this.log.streak) + 1;
    const log = { ...this.log, streak, times: [...this.log.times, now].slice(-TIMES_MAX) };
    const delayMs = this.policy.delayMs(log, this.random);
    // Who starts the job by hand after it gave up has done something about it.
    this.log = delayMs === undefined ? { ...log, streak: 0, times: [] } : { ...log, restarts: log.restarts + 1 };
    await this.save();
    return delayMs;
  }

  /** No failure of the outside world: the next attempt gets further, so that neither waiting nor giving up would help. */
  private async rollBack(): Promise<number> {
    this.log = { ...this.log, restarts: this.log.restarts + 1 };
    await this.save();
    return 0;
  }

  /** Where nothing can be written, as on a full disk, the count is kept in memory at least. */
  private async save(): Promise<void> {
    await this.store.writeNote(this.log as unknown as JsonValue).catch(() => undefined);
  }
}
