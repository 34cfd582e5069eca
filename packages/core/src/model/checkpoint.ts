import type { Clock, Scheduler } from './clock.ts';
import type { JsonValue } from './json.ts';
import type { Logger } from './logger.ts';
import type { Machine } from './machine.ts';

/**
 * Identity of a checkpoint. `id` counts per job; `attempt` is a UUID made new at every start and after every rollback. The
 * same number may be cut again, elsewhere, after a rollback: only both together name a checkpoint.
 */
export interface CheckpointName {
  readonly id: number;
  readonly attempt: string;
}

/** What the commit point keeps: which checkpoint is the truth, and what its manifest must look like. */
export interface CommitRecord extends CheckpointName {
  /** CRC-32C of the manifest's bytes, eight hexadecimal digits. */
  readonly digest: string;
}

/** Where a source goes on, as of a commit. */
export interface CommittedPositions {
  /** Name of the source in the graph. */
  readonly source: string;
  readonly partitions: readonly { readonly id: string; readonly position?: JsonValue | undefined }[];
}

/**
 * The single atomic act that makes a checkpoint the truth.
 *
 * Protocol: `commit` is called with rising ids, after the checkpoint's manifest and segments are durable and every sink is
 * prepared; sinks publish only after it has resolved. When it rejects, nobody knows whether it has happened: the caller
 * takes back everything in memory, asks `latest`, and follows it.
 *
 * @throws MillraceError `CHECKPOINT_FENCED` from `commit`: another attempt has committed this number or a later one. The job
 *   belongs to somebody else: stop
 */
export interface CommitPoint {
  commit(record: CommitRecord, positions: readonly CommittedPositions[]): Promise<void>;
  /** The last commit, durably; `undefined`: there was none. */
  latest(): Promise<CommitRecord | undefined>;
}

/** A segment file being written. */
export interface SegmentWriter {
  /** What a manifest calls it, and `readSegment` takes. */
  readonly file: string;
  append(bytes: Uint8Array): Promise<void>;
  /** Makes it durable. */
  finish(): Promise<void>;
  /** Gives up; what was written may stay behind until `discard`. */
  abort(): Promise<void>;
}

/** What `discard` must leave alone. */
export interface Kept {
  readonly checkpoints: readonly CheckpointName[];
  /** Segment files of any checkpoint. */
  readonly segments: readonly string[];
  /** Only checkpoints with this id or a lower one may go. */
  readonly upTo: number;
}

/**
 * Keeps the checkpoints of one job.
 *
 * Protocol of a commit: `createSegment` (if there are entries to write), `writeManifest`, `commitPoint.commit`, later
 * `discard`. A checkpoint whose commit did not happen is an orphan and goes with a later `discard`. Everything a resolved
 * promise stands for survives a loss of power. A full disk or a failing one rejects; what was committed stays as it is.
 */
export interface CheckpointStore {
  /** Where it is, for messages. */
  readonly place: string;
  readonly commitPoint: CommitPoint;
  createSegment(name: CheckpointName): Promise<SegmentWriter>;
  /** Name of a checkpoint's manifest, for messages. */
  manifestFile(name: CheckpointName): string;
  writeManifest(name: CheckpointName, bytes: Uint8Array): Promise<void>;
  /** @throws MillraceError `CHECKPOINT_MISSING` */
  readManifest(name: CheckpointName): Promise<Uint8Array>;
  /**
   * Reads a segment from its beginning in pieces; each is valid until the next.
   *
   * @throws MillraceError `CHECKPOINT_MISSING`
   */
  readSegment(file: string): AsyncIterable<Uint8Array>;
  /** All commits that are kept, newest first. */
  commits(): Promise<readonly CommitRecord[]>;
  discard(kept: Kept): Promise<void>;
  /** What the job remembers beside its checkpoints, such as its restarts; `undefined`: nothing yet. */
  readNote(): Promise<JsonValue | undefined>;
  writeNote(note: JsonValue): Promise<void>;
  /** Removes everything: the next start begins anew. */
  clear(): Promise<void>;
  /**
   * Asks whether the store is still this process's own. Called by commit points elsewhere, before they lock out whoever else may
   * work on the job. Default: it is; `onLost` tells otherwise.
   *
   * @throws MillraceError `CHECKPOINT_FENCED`
   */
  requireOwner?(): Promise<void>;
  /** Lets others take over. */
  close(): Promise<void>;
}

/** What a checkpoint storage gets when it is opened. */
export interface StorageContext {
  readonly job: string;
  /** A UUID of this start. */
  readonly token: string;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** In place of the real machine: a modelled one. */
  readonly machine: Machine | undefined;
  /** Called when another process has taken the job over: it must stop. */
  readonly onLost: (error: Error) => void;
}

/** Where checkpoints go: a description, not yet opened. */
export interface CheckpointStorage {
  /** What it is, for people: `directory`, `memory`. */
  readonly kind: string;
  /** Checkpoints kept: the last one, and older ones to go back to by hand. */
  readonly retained: number;
  /** Whether a job that begins anew commits before it reads anything: its start is then the same after a crash. Default `false`. */
  readonly commitsAtStart?: boolean;
  /** @throws MillraceError `CHECKPOINT_OWNED` while another process has it; `IO_FAILED`, `OPTION_UNSUPPORTED` if it cannot serve */
  open(context: StorageContext): Promise<CheckpointStore>;
}
