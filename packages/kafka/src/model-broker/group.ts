import type { GroupOffset, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { BrokerParts } from './broker-parts.ts';
import { GroupMembers, type MemberIdentity } from './group-members.ts';
import type { Outcome } from './partition-log.ts';

const METADATA_BYTES_MAX = 4_096;

/** A consumer group: its members and its offsets. */
export class Group {
  readonly members: GroupMembers;
  private readonly offsets = new Map<string, GroupOffset>();
  /** Of transactions that are not decided yet. */
  private readonly pending = new Map<Outcome, GroupOffset[]>();

  constructor(parts: BrokerParts, partitionsOf: (topic: string) => readonly TopicPartition[]) {
    this.members = new GroupMembers(parts, partitionsOf);
  }

  /** @throws BrokerError `unstableOffsets` if `stable` and a transaction is not decided yet */
  committed(stable: boolean): readonly GroupOffset[] {
    if (stable && this.pending.size > 0) throw new BrokerError(CODES.unstableOffsets);
    return [...this.offsets.values()].sort((a, b) =>
      a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1,
    );
  }

  /** Offsets that count once `outcome` is decided. Refused for a member that the group has gone on without. */
  commitInTransaction(outcome: Outcome, member: MemberIdentity, offsets: readonly GroupOffset[]): void {
    this.check(member, offsets);
    const pending = this.pending.get(outcome) ?? [];
    pending.push(...offsets);
    this.pending.set(outcome, pending);
  }

  /** Offsets that count at once. Refused for a member that the group has gone on without. */
  commit(member: MemberIdentity, offsets: readonly GroupOffset[]): void {
    this.check(member, offsets);
    this.keep(offsets);
  }

  decide(outcome: Outcome): void {
    const pending = this.pending.get(outcome) ?? [];
    this.pending.delete(outcome);
    if (outcome.state === 'committed') this.keep(pending);
  }

  private check(member: MemberIdentity, offsets: readonly GroupOffset[]): void {
    this.members.check(member);
    if (offsets.some(({ metadata }) => metadata !== undefined && byteLength(metadata) > METADATA_BYTES_MAX))
      throw new BrokerError(CODES.metadataTooLarge);
  }

  private keep(offsets: readonly GroupOffset[]): void {
    for (const { topic, partition, offset, metadata = '' } of offsets)
      this.offsets.set(partitionId(topic, partition), { topic, partition, offset, metadata });
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
