import type { CheckpointName } from './checkpoint.ts';
import type { Clock, Scheduler } from './clock.ts';
import type { GuardFinding } from './guard.ts';
import type { Guarantee } from './guarantee.ts';
import type { JsonValue } from './json.ts';
import type { Machine } from './machine.ts';
import type { Logger } from './logger.ts';

/** What a sink gets when it is opened. */
export interface SinkContext {
  /** Name of the sink in the graph. */
  readonly name: string;
  /** Index of the output partition this writer is: 0 in a job of one process. */
  readonly partition: number;
  /** Tells the step loop that `ready()` may have become true. */
  readonly wake: () => void;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** What `flow.run` was given for the connectors of one outside system to share, by its name. */
  readonly resources?: Readonly<Record<string, unknown>>;
  /** In place of the real machine: a modelled one. */
  readonly machine?: Machine;
  /**
   * Whether the job has checkpoints: then output becomes visible by `transaction` only. Default `false`: when the writer
   * thinks fit, at the latest at `finish`.
   */
  readonly transactional?: boolean;
  /** What a job with checkpoints promises; absent: it has none. */
  readonly guarantee?: Guarantee;
  /** Asks for a commit soon, such as when a file has reached its size. Without checkpoints it does nothing. */
  readonly requestCommit?: () => void;
  /**
   * Names an anti-pattern that shows when it is opened or written to; told once. While the job is being
   * started it throws if the job is refused for it (`guards: 'error'`). Absent: nobody listens.
   */
  readonly guard?: (finding: GuardFinding) => void;
}

/** A checkpoint and what the sink returned when it was prepared. */
export interface Committed {
  readonly name: CheckpointName;
  readonly committable: JsonValue;
}

/**
 * Exactly-once output, in step with checkpoints.
 *
 *   recover --> write ... cut(5) ... write ...... cut(6)
 *                           \-- prepare(5) - commit point - commit(5) --/
 *
 * Protocol, as the coordinator keeps it:
 * 1. `recover` comes first, before any `write`. It publishes what `last` names, as `commit` does, and goes on from there.
 *    What it finds of other checkpoints is not published, but left alone: a predecessor that was only paused may still be
 *    about to commit it. After the first `commit` it can no longer, and all of it with that number or a lower one goes.
 * 2. `cut`, between two batches, at once and without waiting: what was written so far belongs to `name`, what is written from
 *    now on to the next one. `last`: the job ends with this one.
 * 3. `prepare`: makes the output up to the cut durable, not visible, and returns what `commit` needs for it, as JSON.
 *    Writing goes on meanwhile.
 * 4. The commit point. Only afterwards `commit`: publishes. It must be idempotent and repeatable, in this process and after
 *    a crash in another; names and ids of what becomes visible carry the attempt, so that a paused predecessor which wakes up
 *    here repeats, and never adds.
 * 5. The next `cut` comes after that `commit` has resolved. If any step fails, the writer is aborted and a new one recovers.
 */
export interface SinkTransaction {
  recover(attempt: string, last: Committed | undefined): Promise<void>;
  cut(name: CheckpointName, last: boolean): void;
  prepare(name: CheckpointName): Promise<JsonValue>;
  commit(committed: Committed): Promise<void>;
}

/**
 * Writes the output of one sink.
 *
 * Protocol, as the step loop keeps it:
 * 1. `write` takes one record at once; it never waits and never refuses. It may throw for a value that it cannot write.
 * 2. Between batches the loop asks `ready()`. While it is `false` the loop takes no record from any source and fires no
 *    window; the writer calls `context.wake()` once it has room again. A writer therefore holds at most its own limit
 *    plus what one batch or 512 results can produce.
 * 3. `flush()` resolves when everything written so far has left the process. It may run while more is written.
 * 4. At the end of the job (or of `stop()`) exactly one of: `finish()`, everything written becomes visible; `abort()`,
 *    the job failed: release what is held, publish nothing further. Nothing is called afterwards.
 *
 * An error of the outside world rejects the next `flush`/`finish` or is thrown by the next `ready`: it fails the job.
 */
export interface SinkWriter<in T> {
  write(value: T, timestampMs: number): void;
  ready(): boolean;
  /** Records taken by `write` that have not left the process; part of the conservation identity. */
  readonly buffered: number;
  flush(): Promise<void>;
  finish(): Promise<void>;
  abort(): Promise<void>;
  /** Exactly-once output; with it `finish` comes after the last `commit` and publishes nothing. */
  readonly transaction?: SinkTransaction;
}

/** Something that can be written to: a description, not yet connected to anything. */
export interface Sink<in T> {
  /** What it is, for people: `ndjson`, `console`, ... */
  readonly kind: string;
  /** The most it can promise when the job is run with checkpoints. Default `'at-least-once'`. */
  readonly guarantee?: 'exactly-once' | 'at-least-once';
  /** Anti-patterns that its own options show. Default: none. */
  readonly findings?: readonly GuardFinding[];
  open(context: SinkContext): Promise<SinkWriter<T>>;
}
