import { MillraceError } from 'millrace';
import type {
  AdminDriver,
  ClientSettings,
  GroupOffset,
  NewTopic,
  OffsetQuery,
  TopicDescription,
  TopicPartition,
  TopicSettings,
} from '../driver/driver.ts';
import { kafkaError } from '../driver/kafka-error.ts';
import { call, CONNECT, disconnected } from './call.ts';
import type {
  ClientAdmin,
  ClientConsumer,
  ClientModule,
  DescribedGroups,
  DescribedTopic,
  GroupOffsets,
  ListedOffset,
} from './client-types.ts';
import { readTopicSettings } from './topic-settings.ts';
import { Trouble } from './trouble.ts';

const TIMEOUT_MS = 15_000;
/** How long brokers may take to be there at the start of a client. */
const CONNECT_MS = 15_000;
/** Each question of that time blocks a thread of the process until it is answered, so they are short. */
const PROBE_MS = 1_000;
const TOPIC_EXISTS = 36;
const UNKNOWN_TOPIC = 3;
const TIMED_OUT = -185;
const EARLIEST = -2;
const LATEST = -1;

/** Whether it exists does not matter. */
const PROBE = '__consumer_offsets';

interface GroupMember {
  readonly consumer: ClientConsumer;
  readonly admin: ClientAdmin;
}

/** Questions and orders to the cluster. */
export class ConfluentAdmin implements AdminDriver {
  private readonly client: ClientAdmin;
  private readonly module: ClientModule;
  private readonly settings: ClientSettings;
  private readonly groupClients = new Map<string, Promise<GroupMember>>();
  private closed = false;

  private constructor(module: ClientModule, settings: ClientSettings, trouble: Trouble) {
    this.module = module;
    this.settings = settings;
    this.client = module.RdKafka.AdminClient.create({ ...settings }, trouble.handlers);
  }

  /** Returns once a broker has answered; whatever is wrong with the connection is an error of its own. */
  static async open(module: ClientModule, settings: ClientSettings): Promise<ConfluentAdmin> {
    const trouble = new Trouble(settings);
    const admin = new ConfluentAdmin(module, settings, trouble);
    for (const endMs = performance.now() + CONNECT_MS; ;) {
      try {
        await call('connecting', (done) => admin.client.describeTopics([PROBE], { timeout: PROBE_MS }, done));
        return admin;
      } catch (error) {
        if (!trouble.lasts && performance.now() < endMs) continue;
        admin.client.disconnect();
        throw await trouble.error(error);
      }
    }
  }

  async topics(names: readonly string[]): Promise<readonly TopicDescription[]> {
    if (names.length === 0) return [];
    const described = await this.ask<readonly DescribedTopic[]>('describeTopics', (done) =>
      this.client.describeTopics([...names], { timeout: TIMEOUT_MS }, done),
    );
    const found = described.filter(
      ({ error }) => error === undefined || error === null || error.code !== UNKNOWN_TOPIC,
    );
    for (const { name, error } of found)
      if (error !== undefined && error !== null && error.code !== 0)
        throw kafkaError(`describing topic '${name}'`, error);
    return found.map(({ name, partitions }) => ({
      name,
      partitions: [...partitions]
        .sort((a, b) => a.partition - b.partition)
        .map(({ replicas, isr }) => ({ replicas: replicas.length, inSync: isr.length })),
    }));
  }

  topicNames(): Promise<readonly string[]> {
    return this.ask('listTopics', (done) => this.client.listTopics({ timeout: TIMEOUT_MS }, done));
  }

  async createTopics(topics: readonly NewTopic[]): Promise<void> {
    for (const { name, partitions, replication, config } of topics) {
      const topic = { topic: name, num_partitions: partitions, replication_factor: replication, config };
      await this.ask(`creating topic '${name}'`, (done) => this.client.createTopic(topic, TIMEOUT_MS, done)).catch(
        (error: unknown) => {
          if ((error as { fields?: { kafka?: number } }).fields?.kafka !== TOPIC_EXISTS) throw error;
        },
      );
    }
  }

  async offsets(partitions: readonly TopicPartition[], query: OffsetQuery): Promise<readonly number[]> {
    if (partitions.length === 0) return [];
    const timestamp = query === 'earliest' ? EARLIEST : query === 'latest' ? LATEST : query.timestamp;
    const wanted = partitions.map((partition) => ({ ...partition, offset: { timestamp } }));
    const listed = await this.ask<readonly ListedOffset[]>('listOffsets', (done) =>
      this.client.listOffsets(wanted, { timeout: TIMEOUT_MS }, done),
    );
    const byName = new Map(listed.map((one) => [`${one.topic} ${one.partition}`, one]));
    return partitions.map(({ topic, partition }) => {
      const one = byName.get(`${topic} ${partition}`);
      if (one === undefined || (one.error !== undefined && one.error !== null && one.error.code !== 0))
        throw kafkaError('listOffsets', one?.error ?? new Error(`no offset of ${topic}-${partition}`));
      return one.offset;
    });
  }

  async committed(group: string, stable: boolean): Promise<readonly GroupOffset[]> {
    const wanted = [{ groupId: group }];
    const options = { timeout: TIMEOUT_MS, requireStableOffsets: stable };
    const { admin } = await this.member(group);
    const step = `reading what group '${group}' has committed`;
    const [answer] = await this.ask<readonly GroupOffsets[]>(step, (done) =>
      admin.listConsumerGroupOffsets(wanted, options, done),
    ).catch((error: unknown) => this.forget(group, error));
    if (answer?.error !== undefined && answer.error !== null && answer.error.code !== 0)
      throw kafkaError(step, answer.error);
    const offsets: GroupOffset[] = [];
    for (const { topic, partition, offset, metadata, error } of answer?.partitions ?? []) {
      if (error !== undefined && error !== null && error.code !== 0) throw kafkaError(step, error);
      if (typeof offset !== 'number' || offset < 0) continue;
      offsets.push({ topic, partition, offset, ...(typeof metadata === 'string' ? { metadata } : {}) });
    }
    return offsets;
  }

  async members(group: string): Promise<readonly string[]> {
    const { admin } = await this.member(group);
    const step = `reading the members of group '${group}'`;
    const { groups } = await this.ask<DescribedGroups>(step, (done) =>
      admin.describeGroups([group], { timeout: TIMEOUT_MS }, done),
    ).catch((error: unknown) => this.forget(group, error));
    const [described] = groups;
    if (described?.error !== undefined && described.error !== null && described.error.code !== 0)
      throw kafkaError(step, described.error);
    return (described?.members ?? []).map(({ memberId, groupInstanceId }) =>
      typeof groupInstanceId === 'string' && groupInstanceId !== '' ? groupInstanceId : memberId,
    );
  }

  topicSettings(names: readonly string[]): Promise<readonly TopicSettings[]> {
    return readTopicSettings(this.settings, names);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await Promise.all([...this.groupClients.values()].map((member) => closeMember(member)));
    this.client.disconnect();
  }

  /**
   * A client that belongs to the group, without being a member. Asked through any other, an answer such as "not the
   * coordinator" (usual at a broker's start) makes librdkafka 2.15 follow a null pointer and ends the process.
   */
  private async member(group: string): Promise<GroupMember> {
    let member = this.groupClients.get(group);
    if (member === undefined) {
      member = this.openMember(group);
      this.groupClients.set(group, member);
      // The next question tries again.
      member.catch(() => this.groupClients.delete(group));
    }
    return member;
  }

  /**
   * A question of the group that has run out of time stays behind in librdkafka 2.15, waiting for the coordinator; when that is
   * back, what it was asked with has been freed, and the process ends. Ending the client first ends the question.
   */
  private async forget(group: string, error: unknown): Promise<never> {
    const member = this.groupClients.get(group);
    if (member !== undefined && error instanceof MillraceError && error.fields['kafka'] === TIMED_OUT) {
      this.groupClients.delete(group);
      await closeMember(member);
    }
    throw error;
  }

  private async openMember(group: string): Promise<GroupMember> {
    const { KafkaConsumer, AdminClient } = this.module.RdKafka;
    const consumer = new KafkaConsumer({ ...this.settings, 'group.id': group });
    const trouble = new Trouble(this.settings).watch(consumer);
    await trouble.during(call('connecting the group', (done) => consumer.connect(CONNECT, done)));
    return { consumer, admin: AdminClient.createFrom(consumer) };
  }

  private ask<R>(step: string, act: (done: (error: unknown, result: R) => void) => void): Promise<R> {
    if (this.closed) return Promise.reject(kafkaError(step, new Error('the client is closed')));
    return call(step, act);
  }
}

async function closeMember(member: Promise<GroupMember>): Promise<void> {
  const opened = await member.catch(() => undefined);
  opened?.admin.disconnect();
  if (opened !== undefined) await disconnected((done) => opened.consumer.disconnect(done));
}
