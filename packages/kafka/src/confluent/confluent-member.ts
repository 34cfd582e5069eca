import type { ClientSettings, GroupOffset, MemberDriver, MemberEvents, TopicPartition } from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type { ClientConsumer, ClientModule } from './client-types.ts';
import { PendingCommits } from './pending-commits.ts';
import { Trouble } from './trouble.ts';

const ASSIGN = -175;
const REVOKE = -174;
/** The client says what happens in the group when it is polled: so often, milliseconds. */
const POLL_MS = 100;
/** It says there, too, what became of a commit: so often while one is awaited, milliseconds. */
const COMMIT_POLL_MS = 2;

/** How the client says in its log that it is locked out; its errors carry less. */
const STATIC_FENCED = /Static consumer fenced/;
const FENCED = 82;

const LEFT = new Error('the member has left the group');

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
  private readonly commits = new PendingCommits();
  private readonly queueing = new Set<Promise<void>>();
  private eager = false;
  private lockedOut: Error | undefined;
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
      offset_commit_cb: (error: unknown, offsets: readonly GroupOffset[]) =>
        holder.member?.commits.answered(error, offsets),
    });
    const trouble = new Trouble(settings).watch(client);
    client.on('event.log', ({ fac, message = '' }: { readonly fac?: string; readonly message?: string }) => {
      if (fac === 'FATAL' && STATIC_FENCED.test(message)) holder.member?.lockOut(message);
    });
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

  async commit(offsets: readonly GroupOffset[]): Promise<void> {
    if (this.closed) throw kafkaError('committing offsets', LEFT);
    if (this.lockedOut !== undefined) throw this.lockedOut;
    if (offsets.length === 0) return;
    const answer = this.commits.expect(offsets);
    // What is not queued is never answered.
    const queued = new Promise<void>((resolve) => {
      const done = (error: unknown): void => {
        resolve();
        if (error !== null && error !== undefined) this.commits.answered(error, offsets);
      };
      try {
        this.client.commitCb(offsets, done);
      } catch (error) {
        done(error);
      }
    });
    this.queueing.add(queued);
    void queued.then(() => this.queueing.delete(queued));
    this.pollForCommits();
    await answer;
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    await this.polling;
    // A revoke that nobody answers would keep the client from ending for ever.
    await this.rounds;
    this.commits.end(LEFT);
    // The client frees its memory at once, whoever is using it.
    await Promise.all(this.queueing);
    await disconnected((done) => this.client.disconnect(done));
  }

  private lockOut(message: string): void {
    if (this.closed || this.lockedOut !== undefined) return;
    this.lockedOut = kafkaError('staying in the group', Object.assign(new Error(message), { code: FENCED }));
    this.commits.end(this.lockedOut.cause);
    this.events.fenced?.(this.lockedOut);
  }

  /** The client is polled until no commit is awaited any more. */
  private pollForCommits(): void {
    if (this.eager) return;
    this.eager = true;
    const next = (): void => {
      if (this.closed || this.commits.size === 0) this.eager = false;
      else {
        this.poll();
        setTimeout(next, COMMIT_POLL_MS);
      }
    };
    next();
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
