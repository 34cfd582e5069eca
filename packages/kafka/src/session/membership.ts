import { MillraceError, type Logger, type Scheduler } from 'millrace';
import type { MemberDriver, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { watched } from '../driver/watchdog.ts';
import type { Connection } from '../settings/connection.ts';

/** How long a revoke may wait for its last commit, milliseconds; what was not committed by then is rolled back. */
const LAST_COMMIT_MS = 30_000;

/** What a membership is made of. */
export interface MembershipParts {
  readonly connection: Connection;
  /** Its static member has the same name: whoever takes over the job takes its place. */
  readonly group: string;
  readonly scheduler: Scheduler;
  readonly logger: Logger;
  /** How long a call may take, milliseconds. */
  readonly callMs: number;
  /** Partitions that the job cannot do without. */
  readonly needed: () => readonly TopicPartition[];
  /** Names of all members of the group, as brokers see it. */
  readonly members: () => Promise<readonly string[]>;
  /** Commits everything that was processed up to now; rejects if that fails. */
  readonly commitAll: () => Promise<void>;
  /** Ends this life of the job: it is rolled back. */
  readonly fail: (error: Error) => void;
}

/**
 * The job's process as a member of its consumer group. Partitions are read by hand, from where the checkpoint says; being in the
 * group shows tools who reads, keeps offsets from being moved under a running job, and has the offsets of a process that
 * the group has gone on without refused.
 *
 *   joining --assigned--> in --revoked: last commit, then the answer--> joining
 *                          \--lost, or not all partitions: the life has failed
 */
export class Membership {
  private readonly parts: MembershipParts;
  private member: Promise<MemberDriver> | undefined;
  /** Partitions when the group was joined; of those that came later the group may not know yet. */
  private needed: readonly TopicPartition[] = [];
  private inGroup = new Gate();

  constructor(parts: MembershipParts) {
    this.parts = parts;
  }

  /** Resolves once the process belongs to the group; joins it when it is asked for the first time. */
  async joined(topics: readonly string[]): Promise<MemberDriver> {
    const { connection, group, scheduler, callMs } = this.parts;
    if (this.member === undefined) this.needed = [...this.parts.needed()];
    const settings = connection.member(group, group);
    this.member ??= connection.driver.member(settings, topics, {
      assigned: (partitions) => this.assigned(partitions),
      revoked: () => this.revoked(),
      lost: () => this.lost(),
    });
    const member = await watched('joining the group', scheduler, this.member, callMs);
    await watched('becoming a member of the group', scheduler, this.inGroup.opened, callMs);
    return member;
  }

  async close(): Promise<void> {
    const { member } = this;
    this.member = undefined;
    this.inGroup.shut(new MillraceError('JOB_STATE', { message: 'the membership has ended' }));
    const opened = await member?.catch(() => undefined);
    await opened?.close();
  }

  private assigned(partitions: readonly TopicPartition[]): void {
    const idOf = ({ topic, partition }: TopicPartition): string => partitionId(topic, partition);
    const given = new Set(partitions.map(idOf));
    const missing = this.needed.map(idOf).filter((id) => !given.has(id));
    if (missing.length === 0) this.inGroup.open();
    else void this.missed(missing);
  }

  /** A successor of a static member is given what that had, without partitions that were added meanwhile: nobody has those. */
  private async missed(missing: readonly string[]): Promise<void> {
    const { members, group, fail } = this.parts;
    const { inGroup } = this;
    try {
      const others = (await members()).filter((name) => name !== group);
      if (others.length > 0) this.failed(this.shared(missing, others));
      else inGroup.open();
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private async revoked(): Promise<void> {
    const { commitAll, scheduler, logger, group } = this.parts;
    if (!this.inGroup.isOpen) return;
    logger.info(`group '${group}' begins another round: committing first`);
    try {
      await watched('the last commit before another round of the group', scheduler, commitAll(), LAST_COMMIT_MS);
    } finally {
      this.inGroup = new Gate();
    }
  }

  private lost(): void {
    const { group } = this.parts;
    this.failed(
      new MillraceError('IO_FAILED', {
        message: `Group '${group}' has gone on without this process: it was not heard of for the length of a session.`,
        fields: { group },
        retryable: true,
      }),
    );
  }

  private failed(error: MillraceError): void {
    this.inGroup.shut(error);
    // Who was in has to find the gate shut, too.
    this.inGroup = new Gate();
    this.inGroup.shut(error);
    this.parts.fail(error);
  }

  private shared(missing: readonly string[], others: readonly string[]): MillraceError {
    const { group } = this.parts;
    return new MillraceError('CHECKPOINT_OWNED', {
      message:
        `Group '${group}' has another member (${others.join(', ')}), and this process was not given ${missing.join(', ')}. A job of ` +
        'kafka.solo() reads all partitions in one process: end the other consumer, or give it a group of its own.',
      fields: { group },
      retryable: true,
    });
  }
}

/** Something to wait for, which may never come. */
class Gate {
  isOpen = false;
  readonly opened: Promise<void>;
  private resolve!: () => void;
  private reject!: (error: Error) => void;

  constructor() {
    this.opened = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // Often nobody waits.
    this.opened.catch(() => undefined);
  }

  open(): void {
    this.isOpen = true;
    this.resolve();
  }

  shut(error: Error): void {
    this.reject(error);
  }
}
