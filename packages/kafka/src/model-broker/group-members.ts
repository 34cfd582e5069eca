import type { Cancellable } from 'millrace';
import type { TopicPartition } from '../driver/driver.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { BrokerParts } from './broker-parts.ts';
import { rangeAssignment } from './range-assignment.ts';

/** What goes with the offsets of a member. */
export interface MemberIdentity {
  /** `''`: not in the group. */
  readonly memberId: string;
  readonly instance: string | undefined;
  readonly generation: number;
}

/** A member asks to take part in the next round. */
export interface JoinRequest {
  readonly memberId: string;
  readonly instance: string | undefined;
  readonly topics: readonly string[];
  readonly sessionMs: number;
  /** How long a round waits for members that are still busy with the last one. */
  readonly rebalanceMs: number;
  /** The round is over. */
  readonly answer: (joined: Joined | BrokerError) => void;
}

export interface Joined {
  readonly memberId: string;
  readonly generation: number;
  readonly partitions: readonly TopicPartition[];
}

interface Member extends JoinRequest {
  readonly memberId: string;
  /** Waits for the round to begin. */
  joining: boolean;
  partitions: readonly TopicPartition[];
  expiry: Cancellable;
}

/**
 * The members of a group, by the classic protocol; the leader's part (range) is done by the broker, and join and sync are one
 * request.
 *
 *   stable --join of another, leave, session expired--> waiting for all --all have joined, or time is up--> stable, generation + 1
 *
 * A static member keeps its place until its session expires; a newcomer with its name takes its place without a round.
 */
export class GroupMembers {
  private readonly parts: BrokerParts;
  private readonly partitionsOf: (topic: string) => readonly TopicPartition[];
  private readonly members = new Map<string, Member>();
  private generation = 0;
  private waiting = false;
  private deadline: Cancellable | undefined;
  private ids = 0;

  constructor(parts: BrokerParts, partitionsOf: (topic: string) => readonly TopicPartition[]) {
    this.parts = parts;
    this.partitionsOf = partitionsOf;
  }

  names(): readonly string[] {
    return [...this.members.values()].map(({ instance, memberId }) => instance ?? memberId);
  }

  join(request: JoinRequest): void {
    const { memberId, instance } = request;
    const held = instance === undefined ? undefined : this.instance(instance);
    if (memberId === '') {
      if (held !== undefined) return this.replace(held, request);
      return this.enter(request, this.newId(instance));
    }
    const member = this.members.get(memberId);
    if (member === undefined)
      return request.answer(new BrokerError(held === undefined ? CODES.unknownMember : CODES.fencedInstance));
    this.enter({ ...request, memberId }, memberId, member);
  }

  /** Keeps the session going. Returns whether another round has begun. */
  heartbeat(identity: MemberIdentity): 'stable' | 'rebalancing' {
    const member = this.check(identity);
    this.watch(member);
    return this.waiting ? 'rebalancing' : 'stable';
  }

  leave(memberId: string): void {
    const member = this.members.get(memberId);
    if (member !== undefined) this.remove(member);
  }

  /** Whether offsets may be committed for the member. Those of somebody who names no member at all always may. */
  check({ memberId, instance, generation }: MemberIdentity): Member {
    const member = this.members.get(memberId);
    if (instance !== undefined) {
      const held = this.instance(instance);
      if (held === undefined) throw new BrokerError(CODES.unknownMember);
      if (held !== member) throw new BrokerError(CODES.fencedInstance);
    }
    if (member === undefined) throw new BrokerError(CODES.unknownMember);
    if (generation !== this.generation) throw new BrokerError(CODES.illegalGeneration);
    return member;
  }

  private enter(request: JoinRequest, memberId: string, before?: Member): void {
    const member: Member = {
      ...request,
      memberId,
      joining: true,
      partitions: before?.partitions ?? [],
      expiry: before?.expiry ?? { cancel: () => undefined },
    };
    this.members.set(memberId, member);
    this.watch(member);
    this.beginRound();
    this.completeIfAll();
  }

  /** The predecessor is locked out; a stable group goes on as it is. */
  private replace(held: Member, request: JoinRequest): void {
    held.expiry.cancel();
    this.members.delete(held.memberId);
    if (held.joining) held.answer(new BrokerError(CODES.fencedInstance));
    const memberId = this.newId(request.instance);
    if (this.waiting || String(held.topics) !== String(request.topics)) return this.enter(request, memberId, held);
    const member: Member = { ...request, memberId, joining: false, partitions: held.partitions, expiry: held.expiry };
    this.members.set(memberId, member);
    this.watch(member);
    request.answer({ memberId, generation: this.generation, partitions: member.partitions });
  }

  private beginRound(): void {
    if (this.waiting) return;
    this.waiting = true;
    const longestMs = Math.max(...[...this.members.values()].map(({ rebalanceMs }) => rebalanceMs));
    this.deadline = this.parts.timers.after(longestMs, () => this.parts.whenUp(() => this.complete()));
  }

  private completeIfAll(): void {
    if (this.waiting && [...this.members.values()].every(({ joining }) => joining)) this.complete();
  }

  private complete(): void {
    this.deadline?.cancel();
    this.waiting = false;
    for (const member of [...this.members.values()]) {
      if (!member.joining && member.instance === undefined) this.drop(member);
    }
    this.generation++;
    const members = [...this.members.values()];
    const assigned = rangeAssignment(members, this.partitionsOf);
    for (const member of members) {
      member.partitions = assigned.get(member) ?? [];
      if (!member.joining) continue;
      member.joining = false;
      this.watch(member);
      const { memberId, partitions } = member;
      member.answer({ memberId, generation: this.generation, partitions });
    }
  }

  private watch(member: Member): void {
    member.expiry.cancel();
    member.expiry = this.parts.timers.after(member.sessionMs, () => {
      // Who waits for the round is kept: the broker has its request at hand.
      if (this.members.get(member.memberId) !== member || member.joining) return;
      // A broker that starts gives every member a new session.
      if (!this.parts.isUp()) return this.parts.whenUp(() => this.watch(member));
      this.parts.happened('session expired');
      this.remove(member);
    });
  }

  private remove(member: Member): void {
    this.drop(member);
    if (this.members.size === 0) {
      this.waiting = false;
      this.deadline?.cancel();
      this.generation++;
    } else {
      this.beginRound();
      this.completeIfAll();
    }
  }

  private drop(member: Member): void {
    member.expiry.cancel();
    this.members.delete(member.memberId);
  }

  private instance(instance: string): Member | undefined {
    return [...this.members.values()].find((member) => member.instance === instance);
  }

  private newId(instance: string | undefined): string {
    return `${instance ?? 'member'}-${++this.ids}`;
  }
}
