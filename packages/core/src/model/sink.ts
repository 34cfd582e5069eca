import type { Clock, Scheduler } from './clock.ts';
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
}

/** Something that can be written to: a description, not yet connected to anything. */
export interface Sink<in T> {
  /** What it is, for people: `ndjson`, `console`, ... */
  readonly kind: string;
  open(context: SinkContext): Promise<SinkWriter<T>>;
}
