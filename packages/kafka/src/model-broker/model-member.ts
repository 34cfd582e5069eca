import type { Cancellable } from 'millrace';
import type { GroupOffset, MemberDriver, MemberEvents, TopicPartition } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { BrokerError, CODES } from './broker-error.ts';
import type { Channel } from './channel.ts';
import type { Joined, MemberIdentity } from './group-members.ts';

/** Settings of a member. */
export interface MemberSettings {
  readonly group: string;
  readonly instance: string | undefined;
  readonly topics: readonly string[];
  readonly sessionMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceMs: number;
}

/**
 *   joining --answer--> stable --heartbeat: another round--> revoking --answered by the program--> joining
 *                          \--heartbeat: unknown, or no answer for a session--> lost --> joining anew
 *                           \--heartbeat: another has its name--> locked out
 *
 * While a revoke is unanswered nothing else is told: that the group has gone on shows when offsets are refused.
 */
type State = 'joining' | 'stable' | 'revoking' | 'locked out';

/** A member of a group, as the client keeps it: heartbeats go on by themselves as long as the process runs. */
export class ModelMember implements MemberDriver {
  readonly group: string;
  private readonly channel: Channel;
  private readonly settings: MemberSettings;
  private readonly events: MemberEvents;
  private state: State = 'joining';
  private memberId = '';
  private generation = -1;
  private partitions: readonly TopicPartition[] = [];
  private timer: Cancellable | undefined;
  private heardMs = 0;
  private round: Promise<void> = Promise.resolve();
  closed = false;

  constructor(channel: Channel, settings: MemberSettings, events: MemberEvents) {
    this.channel = channel;
    this.settings = settings;
    this.events = events;
    this.group = settings.group;
  }

  get identity(): MemberIdentity {
    return { memberId: this.memberId, instance: this.settings.instance, generation: this.generation };
  }

  /** Resolves when the request is on its way. */
  open(): Promise<void> {
    return this.channel.call('joining the group', 'group joined', () => this.arrive());
  }

  async commit(offsets: readonly GroupOffset[]): Promise<void> {
    if (this.closed) throw kafkaError('committing offsets', new Error('the member has left the group'));
    const { identity } = this;
    await this.channel.call('committing offsets', undefined, () =>
      this.channel.broker.group(this.group).commit(identity, offsets),
    );
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.timer?.cancel();
    await this.round;
    const { memberId, settings } = this;
    if (settings.instance === undefined && memberId !== '') this.channel.background(() => this.members.leave(memberId));
  }

  private get members() {
    return this.channel.broker.group(this.group).members;
  }

  private join(): void {
    this.state = 'joining';
    this.channel.background(() => this.arrive());
  }

  /** At the broker. */
  private arrive(): void {
    if (this.closed) return;
    const { instance, topics, sessionMs, rebalanceMs } = this.settings;
    const answer = (joined: Joined | BrokerError): void => this.channel.reply(() => this.joined(joined));
    this.members.join({ memberId: this.memberId, instance, topics, sessionMs, rebalanceMs, answer });
  }

  private joined(answer: Joined | BrokerError): void {
    if (this.closed) return;
    if (answer instanceof BrokerError) return this.refused(answer);
    this.memberId = answer.memberId;
    this.generation = answer.generation;
    this.partitions = answer.partitions;
    this.state = 'stable';
    this.heardMs = this.channel.host.clock.monotonic();
    this.events.assigned(this.partitions);
    this.beatLater();
  }

  private beatLater(): void {
    this.timer?.cancel();
    this.timer = this.channel.host.scheduler.after(this.settings.heartbeatMs, () => this.beat());
  }

  private beat(): void {
    if (this.closed || this.state === 'joining') return;
    const { identity } = this;
    if (this.channel.host.clock.monotonic() - this.heardMs > this.settings.sessionMs)
      return this.refused(new BrokerError(CODES.unknownMember));
    this.channel.background(() => {
      let heard: 'stable' | 'rebalancing' | BrokerError;
      try {
        heard = this.members.heartbeat(identity);
      } catch (error) {
        heard = error as BrokerError;
      }
      this.channel.reply(() => {
        if (!this.closed && identity.memberId === this.memberId) this.heard(heard);
      });
    });
    this.beatLater();
  }

  private heard(answer: 'stable' | 'rebalancing' | BrokerError): void {
    if (this.state !== 'stable' && this.state !== 'revoking') return;
    if (answer instanceof BrokerError) return this.refused(answer);
    this.heardMs = this.channel.host.clock.monotonic();
    if (answer === 'stable' || this.state === 'revoking') return;
    this.state = 'revoking';
    this.round = this.events
      .revoked(this.partitions)
      .catch(() => undefined)
      .then(() => {
        if (!this.closed && this.state === 'revoking') this.join();
      });
  }

  /** The group has gone on. */
  private refused(error: BrokerError): void {
    if (error.code === CODES.illegalGeneration && this.state === 'revoking') return;
    this.timer?.cancel();
    if (error.code === CODES.fencedInstance) {
      this.state = 'locked out';
      this.events.fenced?.(kafkaError('staying in the group', error));
      return;
    }
    this.memberId = '';
    this.generation = -1;
    if (this.state === 'revoking') return;
    const { partitions } = this;
    this.partitions = [];
    this.events.lost(partitions);
    if (!this.closed) this.join();
  }
}
