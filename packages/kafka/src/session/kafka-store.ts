import {
  MillraceError,
  type CheckpointName,
  type CheckpointStore,
  type CommitPoint,
  type CommitRecord,
  type CommittedPositions,
  type JsonValue,
  type Kept,
  type SegmentWriter,
} from 'millrace';
import type { Marker } from './marker.ts';
import type { KafkaSession } from './session.ts';

/**
 * Checkpoints as another store keeps them, with Kafka's transaction as commit point: which of them is the truth stands in the
 * marker, beside the output it belongs to.
 */
export class KafkaStore implements CheckpointStore {
  readonly place: string;
  readonly commitPoint: CommitPoint;
  private readonly inner: CheckpointStore;
  private readonly session: KafkaSession;
  /** Commits of this process, and the one it went on from. */
  private readonly own = new Set<string>();
  private cleared = false;
  /**
   * A commit that the folder remembers beside Kafka: proof that there was one. Groups forget their offsets (retention), and
   * then the job must not begin anew as if nothing had ever been written.
   */
  private remembered: CommitRecord | undefined;

  constructor(inner: CheckpointStore, session: KafkaSession) {
    this.inner = inner;
    this.session = session;
    this.place = inner.place;
    this.commitPoint = session.options.transactional ? this.transactional() : this.plain();
  }

  private transactional(): CommitPoint {
    const { session } = this;
    return {
      commit: async (record: CommitRecord, positions: readonly CommittedPositions[]): Promise<void> => {
        await session.commit(record, positions);
        this.cleared = false;
        this.own.add(nameOf(record));
        await this.remember(record);
      },
      latest: () => this.latest(),
    };
  }

  /** Without transactions the folder says what is the truth; output was flushed before. */
  private plain(): CommitPoint {
    const { inner, session } = this;
    return {
      commit: async (record, positions) => {
        await inner.commitPoint.commit(record, positions);
        session.suspects.committed();
      },
      latest: async () => {
        await session.begin();
        return inner.commitPoint.latest();
      },
    };
  }

  createSegment(name: CheckpointName): Promise<SegmentWriter> {
    return this.inner.createSegment(name);
  }

  manifestFile(name: CheckpointName): string {
    return this.inner.manifestFile(name);
  }

  writeManifest(name: CheckpointName, bytes: Uint8Array): Promise<void> {
    return this.inner.writeManifest(name, bytes);
  }

  readManifest(name: CheckpointName): Promise<Uint8Array> {
    return this.inner.readManifest(name);
  }

  readSegment(file: string): AsyncIterable<Uint8Array> {
    return this.inner.readSegment(file);
  }

  /** Only the last one: Kafka keeps one marker. */
  async commits(): Promise<readonly CommitRecord[]> {
    if (!this.session.options.transactional) return this.inner.commits();
    const marker = this.cleared ? undefined : await this.session.marker(true);
    return marker === undefined ? [] : [marker];
  }

  discard(kept: Kept): Promise<void> {
    const { remembered } = this;
    return this.inner.discard(
      remembered === undefined ? kept : { ...kept, checkpoints: [...kept.checkpoints, remembered] },
    );
  }

  readNote(): Promise<JsonValue | undefined> {
    return this.inner.readNote();
  }

  writeNote(note: JsonValue): Promise<void> {
    return this.inner.writeNote(note);
  }

  async clear(): Promise<void> {
    await this.inner.clear();
    this.remembered = undefined;
    this.cleared = true;
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.inner.close();
  }

  /**
   * Before the transaction is touched the folder must be ours, or a process that was paused would lock out its successor, and the
   * marker must name a checkpoint that is here: else another process has the job, or this is the wrong folder. Then the
   * predecessor's transaction is ended, and the marker read for good.
   */
  private async latest(): Promise<CommitRecord | undefined> {
    await this.inner.requireOwner?.();
    if (this.cleared) {
      await this.session.begin();
      return undefined;
    }
    this.remembered = await this.inner.commitPoint.latest();
    const before = await this.markerBefore();
    if (before !== undefined) await this.requireHere(before);
    else if (this.remembered !== undefined) throw this.forgotten(this.remembered);
    await this.session.begin();
    const marker = await this.session.marker(true);
    if (marker === undefined) return undefined;
    await this.requireHere(marker);
    this.own.add(nameOf(marker));
    await this.remember(marker);
    const { id, attempt, digest } = marker;
    return { id, attempt, digest };
  }

  /**
   * Not waiting for what is pending: that would be the predecessor's open transaction. Where there is none and should be one, the
   * first commit may be decided and not yet written to the group's offsets, as when the broker ended in between; before it is,
   * no other transaction can be pending.
   */
  private async markerBefore(): Promise<Marker | undefined> {
    const marker = await this.session.marker(false);
    return marker === undefined && this.remembered !== undefined ? this.session.marker(true) : marker;
  }

  private async remember({ id, attempt, digest }: CommitRecord): Promise<void> {
    if (this.remembered !== undefined) return;
    this.remembered = { id, attempt, digest };
    await this.inner.commitPoint.commit(this.remembered, []);
  }

  private forgotten({ id }: CommitRecord): MillraceError {
    const { group } = this.session.options;
    return new MillraceError('CHECKPOINT_MISSING', {
      message:
        `Job '${group}' was committed before (checkpoint ${id} in ${this.place}), but its group has no marker on ` +
        `${this.session.connection.bootstrap}: its offsets have expired (offsets.retention.minutes) or were deleted, or this is ` +
        'another cluster. What was last committed cannot be told any more; fresh: true starts over.',
      fields: { path: this.place },
    });
  }

  private async requireHere(marker: Marker): Promise<void> {
    try {
      await this.inner.readManifest(marker);
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'CHECKPOINT_MISSING') throw error;
      throw this.missing(marker, error);
    }
  }

  private missing(marker: Marker, cause: MillraceError): MillraceError {
    const { group } = this.session.options;
    if (this.own.size > 0) {
      return new MillraceError('CHECKPOINT_FENCED', {
        message:
          `Another process has taken over job '${group}': the last commit on Kafka is checkpoint ${marker.id} of ${marker.writer}, ` +
          `which is not in ${this.place}. This process stops.`,
        fields: { path: this.place },
        cause,
      });
    }
    return new MillraceError('CHECKPOINT_MISSING', {
      message:
        `Job '${group}' was last committed on Kafka as checkpoint ${marker.id} (attempt ${marker.attempt}), which is not in ` +
        `${this.place}. Another process runs the job, or it ran with another folder: give that folder, or restore it. ` +
        'A new name begins a new job.',
      fields: { path: this.place },
      cause,
    });
  }
}

function nameOf({ id, attempt }: CheckpointName): string {
  return `${id} ${attempt}`;
}
