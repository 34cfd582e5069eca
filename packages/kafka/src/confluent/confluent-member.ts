import type { ClientSettings, MemberDriver, MemberEvents, TopicPartition } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type { ClientConsumer, ClientModule } from './client-types.ts';
import { Trouble } from './trouble.ts';

const ASSIGN = -175;
const REVOKE = -174;
/** The client says what happens in the group when it is polled: so often, milliseconds. */
const POLL_MS = 100;

/**
 * A consumer that is in the group and reads nothing: it answers each assignment with none. Its group, generation and member id
 * go with the offsets of a transaction.
 */
export class ConfluentMember implements MemberDriver {
  readonly group: string;
  /** The client that a producer commits offsets for. */
  readonly client: ClientConsumer;
  private readonly events: MemberEvents;
  private readonly timer: NodeJS.Timeout;
  private assigned: readonly TopicPartition[] = [];
  private polling: Promise<unknown> | undefined;
  private rounds: Promise<void> = Promise.resolve();
  closed = false;

  private constructor(group: string, client: ClientConsumer, events: MemberEvents) {
    this.group = group;
    this.client = client;
    this.events = events;
    this.timer = setInterval(() => this.poll(), POLL_MS);
  }

  static async open(
    module: ClientModule,
    settings: ClientSettings,
    topics: readonly string[],
    events: MemberEvents,
  ): Promise<ConfluentMember> {
    const holder: { member?: ConfluentMember } = {};
    const client = new module.RdKafka.KafkaConsumer({
      ...settings,
      rebalance_cb: (reason: { readonly code?: number }, partitions: readonly TopicPartition[]) =>
        holder.member?.rebalance(reason.code, partitions),
    });
    const trouble = new Trouble(settings).watch(client);
    await trouble.during(call('joining the group', (done) => client.connect(CONNECT, done)));
    client.setDefaultConsumeTimeout(0);
    const member = new ConfluentMember(String(settings['group.id']), client, events);
    holder.member = member;
    try {
      client.subscribe([...topics]);
    } catch (error) {
      await member.close();
      throw kafkaError('joining the group', error);
    }
    return member;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    await this.polling;
    // A revoke that nobody answers would keep the client from ending for ever.
    await this.rounds;
    await disconnected((done) => this.client.disconnect(done));
  }

  private poll(): void {
    if (this.closed || this.polling !== undefined) return;
    this.polling = call('polling the group', (done) => this.client.consume(1, done))
      // What went wrong shows where it matters: offsets are refused.
      .catch(() => undefined)
      .finally(() => (this.polling = undefined));
  }

  private rebalance(code: number | undefined, partitions: readonly TopicPartition[]): void {
    if (code === ASSIGN) this.inTurn(() => this.assign(partitions));
    else if (code === REVOKE) {
      // Asked at once: afterwards the client would say so of the next round.
      const lost = !this.closed && this.client.assignmentLost();
      this.inTurn(() => this.revoke(lost));
    }
  }

  private inTurn(act: () => Promise<void> | void): void {
    this.rounds = this.rounds.then(act).catch(() => undefined);
  }

  private assign(partitions: readonly TopicPartition[]): void {
    this.assigned = partitions.map(({ topic, partition }) => ({ topic, partition }));
    this.client.assign([]);
    if (!this.closed) this.events.assigned(this.assigned);
  }

  private async revoke(lost: boolean): Promise<void> {
    const { assigned } = this;
    this.assigned = [];
    try {
      if (this.closed) return;
      if (lost) this.events.lost(assigned);
      else await this.events.revoked(assigned);
    } finally {
      this.client.unassign();
    }
  }
}
