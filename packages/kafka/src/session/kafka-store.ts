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

/** A member that has ended is in its group for the length of a session, and a little. */
const SESSIONS = 1.2;
const LOOKS = 20;
/** How long a marker that must be there is looked for, milliseconds, and how often. */
const MISSING_MS = 5_000;
const MISSING_LOOKS = 20;

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
  /** Era of this process's commits since it began afresh. */
  private freshEra: number | undefined;
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
        this.cleared = false;
        await inner.commitPoint.commit(record, positions);
        session.suspects.committed();
      },
      latest: () => this.latestWithout(),
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

  /** @throws MillraceError `CHECKPOINT_OWNED` if another process runs the job with another folder */
  async clear(): Promise<void> {
    if (this.session.options.transactional) await this.refuseRunning();
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
    if (this.cleared && !(await this.begunAfresh())) return undefined;
    this.remembered = await this.inner.commitPoint.latest();
    const before = await this.markerBefore();
    if (before !== undefined) await this.requireHere(before);
    else if (this.remembered !== undefined) throw this.forgotten(this.remembered);
    await this.session.begin();
    const marker = await this.session.marker(true);
    this.session.beginning.at(marker);
    if (marker === undefined) return undefined;
    await this.requireHere(marker);
    this.session.era = marker.era;
    this.own.add(nameOf(marker));
    await this.remember(marker);
    const { id, attempt, digest } = marker;
    return { id, attempt, digest };
  }

  /**
   * A job that begins afresh counts its commits anew, in an era of its own. Returns whether it has committed already: the
   * answer to its first commit may have been lost.
   */
  private async begunAfresh(): Promise<boolean> {
    const { session } = this;
    await session.begin();
    const marker = await session.marker(true);
    session.beginning.at(marker);
    // Nothing is restored: where the group stands is no matter.
    session.restored.begin([]);
    if (this.freshEra !== undefined && marker?.era === this.freshEra) {
      this.cleared = false;
      return true;
    }
    this.freshEra = marker === undefined ? 0 : marker.era + 1;
    session.era = this.freshEra;
    return false;
  }

  /** Whoever runs the job with another folder is a member of the group; one that has ended is until its session is over. */
  private async refuseRunning(): Promise<void> {
    const { session } = this;
    const { group } = session.options;
    const marker = await session.marker(false);
    if (marker === undefined || (await this.isHere(marker))) return;
    const waitMs = SESSIONS * session.connection.sessionMs;
    for (let looks = 0; ; looks++) {
      const members = await (await session.admin()).members(group);
      if (members.length === 0) return;
      if (looks >= LOOKS) throw this.running(members);
      if (looks === 0) session.logger.info(`job '${group}' was run with another folder: making sure that it has ended`);
      await session.pause(waitMs / LOOKS);
    }
  }

  private async latestWithout(): Promise<CommitRecord | undefined> {
    const { inner, session } = this;
    if (!this.cleared) {
      const marker = await session.marker(false);
      session.restored.begin([]);
      const latest = await inner.commitPoint.latest();
      if (marker !== undefined && marker.id > (latest?.id ?? 0) && (await this.isHere(marker)))
        throw this.otherGuarantee(marker);
    }
    await session.begin();
    return inner.commitPoint.latest();
  }

  /**
   * Not waiting for what is pending: that would be the predecessor's open transaction. Where there is none and should be one, the
   * first commit may be decided and not yet written to the group's offsets, as when the broker ended in between; before it is,
   * no other transaction can be pending.
   */
  private async markerBefore(): Promise<Marker | undefined> {
    const { session } = this;
    for (let looks = 0; ; looks++) {
      const marker = (await session.marker(false)) ?? (this.remembered && (await session.marker(true)));
      if (marker !== undefined || this.remembered === undefined || looks >= MISSING_LOOKS) return marker;
      // A group whose coordinator has just come up may know less than it will.
      await session.pause(MISSING_MS / MISSING_LOOKS);
    }
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
        'another cluster, or the job was run at-least-once before. What was last committed cannot be told any more; ' +
        'fresh: true starts over.',
      fields: { path: this.place },
    });
  }

  private running(members: readonly string[]): MillraceError {
    const { group } = this.session.options;
    return new MillraceError('CHECKPOINT_OWNED', {
      message:
        `Job '${group}' is being run by another process, with another folder than ${this.place}: its group has a member ` +
        `(${members.join(', ')}). Stop it first; fresh: true does not take a running job over.`,
      fields: { path: this.place },
    });
  }

  private otherGuarantee(marker: Marker): MillraceError {
    const { group } = this.session.options;
    return new MillraceError('STATE_MISMATCH', {
      message:
        `Job '${group}' was run exactly-once: its last commit is checkpoint ${marker.id} on Kafka, which a job with a lower ` +
        "guarantee would go back behind. Run it with guarantee: 'exactly-once', or start over with fresh: true.",
      fields: { path: this.place },
    });
  }

  private async isHere(marker: Marker): Promise<boolean> {
    try {
      await this.requireHere(marker);
      return true;
    } catch (error) {
      if (error instanceof MillraceError && (error.code === 'CHECKPOINT_MISSING' || error.code === 'CHECKPOINT_FENCED'))
        return false;
      throw error;
    }
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
