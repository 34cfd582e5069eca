import type { ErrorCode } from '../errors/index.ts';
import type { Clock, Random, Scheduler } from './clock.ts';
import type { ErrorPolicy } from './error-policy.ts';
import type { GuardFinding } from './guard.ts';
import type { JsonValue } from './json.ts';
import type { Logger } from './logger.ts';
import type { Machine } from './machine.ts';
import type { OriginalRecord, RawRecord } from './dead-letter.ts';

/** Where a reader goes on after a restart. Whatever the connector needs, as JSON: an offset, a file and an offset, ... */
export type Position = JsonValue;

/** A record that could not be decoded. The runtime applies the source's `onError` to it; connectors never drop one. */
export interface RejectedRecord {
  /** How many `values` of its batch stand before it. */
  readonly before: number;
  readonly partition: string;
  readonly position: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly raw: RawRecord;
  /** The record as it came; absent where `raw` is all there was. */
  readonly original?: OriginalRecord;
}

/**
 * Consecutive records of one partition. The runtime reads `values[from .. to)` and is done with the batch before it
 * polls again, so a reader may use the same object and arrays for every batch.
 */
export interface SourceBatch<T> {
  readonly values: readonly T[];
  readonly from: number;
  readonly to: number;
  /** Position of `values[i]` for people (errors, dead letters): `positions[i - from]`, or `firstPosition + i - from`. */
  readonly positions: Float64Array | undefined;
  readonly firstPosition: number;
  /** Event time of `values[i]` as the source knows it: `timestamps[i - from]`; `undefined` where it knows none. */
  readonly timestamps: Float64Array | undefined;
  /** Name of the thing read (the file), where a partition consists of several; else `undefined`. */
  readonly part: string | undefined;
  /** The record of `values[i]` as it came, for dead letters that hand it on unchanged. Absent where text is all there was. */
  readonly original?: (index: number) => OriginalRecord;
  /** Bytes that these records took as they were read, those that could not be decoded included (`measuresBytes`). */
  readonly bytes?: number;
  /** What could not be decoded among these records, in order. */
  readonly rejected: readonly RejectedRecord[];
  /** Where to go on once all of this batch was processed. */
  readonly next: Position;
}

/** What `poll` says when it has no batch: nothing buffered now (`wake` will be called), or never again. */
export type PollResult<T> = SourceBatch<T> | 'pending' | 'end';

/** One partition of a source: the unit of order, of positions and of watermarks. */
export interface SourcePartition {
  /** Unique within the source and the same after a restart: a path, a topic and a number. */
  readonly id: string;
  /**
   * Where it begins, if a restart could not find that out again (the end of a topic at this moment). Default: nothing is
   * kept until its first records were processed.
   */
  readonly position?: Position;
}

/**
 * Reads the partitions of one source.
 *
 * Protocol, as the step loop keeps it:
 * 1. `partitions` is read after `open`. Those of a live source may become more, at the end of the list; the reader then calls
 *    `context.wake()`.
 * 2. `poll(p, max)` returns at once, never blocks: at most `max` records of partition `p`, `'pending'` if none can be had
 *    now, `'end'` if there will never be one again (only bounded sources). After `'pending'` the reader calls
 *    `context.wake()` when polling again makes sense. After `'end'` partition `p` is not polled again.
 *    Batches may be of any size: nothing may depend on how fast a disk is, so the order in which partitions are read is
 *    decided by counting records, not batches.
 *    What cannot be decoded counts as one of the `max` records and goes to `rejected`.
 * 3. A batch stays valid until the next call of any method.
 * 4. `close` is called exactly once, also after an error; afterwards nothing is called.
 *
 * An error thrown by `poll` fails the job; a `MillraceError` with `retryable` may be tried again by the restart policy.
 */
export interface SourceReader<T> {
  readonly partitions: readonly SourcePartition[];
  /**
   * Partitions, by id, that have positions in `context.positions` and no longer exist: the job goes on without them, and forgets
   * where it was. Read after `open`. Default: none; a position whose partition is missing is refused.
   */
  readonly gone?: readonly string[];
  poll(partition: number, maxRecords: number): PollResult<T>;
  /**
   * Live sources: `true` when everything that exists now in the partition was handed out, `undefined` when that cannot be
   * known. Decides idleness; bounded sources are never idle and need not implement it.
   */
  caughtUp?(partition: number): boolean | undefined;
  /** Live sources: records that exist in the partition and were not handed out yet; `undefined`: not known. */
  lag?(partition: number): number | undefined;
  close(): Promise<void>;
}

/** What a source gets when it is opened. */
export interface SourceContext {
  /** Name of the source in the graph. */
  readonly name: string;
  /** Positions to go on from, by partition id; a partition that is missing starts at its beginning. */
  readonly positions: ReadonlyMap<string, Position>;
  /** Tells the step loop that `poll` may have something now. May be called at any time, any number of times. */
  readonly wake: () => void;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly logger: Logger;
  /** What `flow.run` was given for the connectors of one outside system to share, by its name. */
  readonly resources?: Readonly<Record<string, unknown>>;
  /** In place of the real machine: a modelled one. */
  readonly machine?: Machine;
  /** Asks for a commit soon, such as when partitions are about to be taken away. Absent in a job without checkpoints. */
  readonly requestCommit?: () => void;
  /**
   * Names an anti-pattern that shows when it is opened or read; told once. While the job is being
   * started it throws if the job is refused for it (`guards: 'error'`). Absent: nobody listens.
   */
  readonly guard?: (finding: GuardFinding) => void;
}

/**
 * Something that can be read: a description, not yet connected to anything. One source may be opened several times
 * (a test, a restart); each `open` must give an independent reader.
 */
export interface Source<out T> {
  /** What it is, for people: `ndjson`, `memory`, ... */
  readonly kind: string;
  /** `true` if every partition comes to an end. */
  readonly bounded: boolean;
  /** What to do with records that cannot be decoded. */
  readonly onError: ErrorPolicy;
  /** Anti-patterns that its own options show. Default: none. */
  readonly findings?: readonly GuardFinding[];
  /** `true` if its batches say how many bytes they are: such a source can be limited in bytes per second. Default `false`. */
  readonly measuresBytes?: boolean;
  open(context: SourceContext): Promise<SourceReader<T>>;
}
