import type { ClientSettings, MemberDriver, MemberEvents, TopicPartition } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type { ClientAdmin, ClientConsumer, ClientModule, DescribedGroups } from './client-types.ts';
import { Trouble } from './trouble.ts';

const ASSIGN = -175;
const REVOKE = -174;
/** The client says what happens in the group when it is polled: so often, milliseconds. */
const POLL_MS = 100;
const DESCRIBE_MS = 5_000;

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

  private readonly admin: ClientAdmin;

  private constructor(module: ClientModule, group: string, client: ClientConsumer, events: MemberEvents) {
    this.group = group;
    this.client = client;
    this.admin = module.RdKafka.AdminClient.createFrom(client);
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
    const member = new ConfluentMember(module, String(settings['group.id']), client, events);
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

  private async assign(partitions: readonly TopicPartition[]): Promise<void> {
    this.assigned = partitions.map(({ topic, partition }) => ({ topic, partition }));
    this.client.assign([]);
    const alone = this.closed || (await this.alone());
    if (!this.closed) this.events.assigned(this.assigned, alone);
  }

  /** Whether the group has no other member; `false` if it does not say. */
  private async alone(): Promise<boolean> {
    const described = call<DescribedGroups>('describing the group', (done) =>
      this.admin.describeGroups([this.group], { timeout: DESCRIBE_MS }, done),
    );
    return described.then(
      ({ groups }) => groups[0]?.members.length === 1,
      () => false,
    );
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
