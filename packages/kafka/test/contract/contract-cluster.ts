import type {
  AdminDriver,
  ClientSettings,
  ConsumerDriver,
  Fetched,
  GroupOffset,
  KafkaDriver,
  MemberDriver,
  OutgoingRecord,
  PartitionOffset,
  ProducerDriver,
  ProducerEvents,
  TopicPartition,
} from '../../src/index.ts';

/** A driver to be checked, on a cluster that others may use as well. */
export interface DriverUnderTest {
  readonly driver: KafkaDriver;
  readonly bootstrap: string;
  /** A name that nobody else has. */
  readonly name: (what: string) => string;
}

/** What a record is to whoever compares it. */
export interface Seen {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly headers: readonly (readonly [string, string])[];
}

const decoder = new TextDecoder();
export const encoder = new TextEncoder();
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : decoder.decode(bytes));

/** A cluster as one case uses it. */
export class Cluster {
  readonly under: DriverUnderTest;
  private readonly open: { close(): Promise<void> }[] = [];

  constructor(under: DriverUnderTest) {
    this.under = under;
  }

  async admin() {
    return this.opened(await this.under.driver.admin({ 'bootstrap.servers': this.under.bootstrap }));
  }

  async topic(partitions: number = 1): Promise<string> {
    const name = this.under.name('contract');
    const admin = await this.admin();
    await admin.createTopics([{ name, partitions, replication: -1, config: {} }]);
    for (let tries = 0; tries < 100; tries++) {
      if ((await admin.topics([name]))[0]?.partitions.length === partitions) return name;
      await pause(20);
    }
    throw new Error(`topic ${name} was made and is not there`);
  }

  async producer(
    transactionalId?: string,
    more: ClientSettings = {},
    failed?: () => void,
    delivered?: ProducerEvents['delivered'],
  ): Promise<ProducerDriver> {
    const { driver, bootstrap } = this.under;
    const id = transactionalId === undefined ? {} : { 'transactional.id': transactionalId };
    const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, 'linger.ms': 0, ...id, ...more };
    return this.opened(
      await driver.producer(settings, { failed: failed ?? (() => undefined), ...(delivered && { delivered }) }),
    );
  }

  async consumer(start: readonly PartitionOffset[]): Promise<ConsumerDriver> {
    const { driver, bootstrap, name } = this.under;
    const settings = {
      'bootstrap.servers': bootstrap,
      'group.id': name('reader'),
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
      'auto.offset.reset': 'error',
      'fetch.wait.max.ms': 20,
    };
    const consumer = this.opened(await driver.consumer(settings, { ready: () => undefined, failed: () => undefined }));
    consumer.assign(start);
    return consumer;
  }

  /** A member of a group, a static one if it has a name, once it has its partitions. */
  async member(group: string, instance: string | undefined, topics: readonly string[], o: MemberOptions = {}) {
    const member = await this.joining(group, instance, topics, o);
    await until(() => member.partitions.length > 0, 'a member has partitions');
    return member;
  }

  /** A member that may not have any partitions yet. */
  async joining(
    group: string,
    instance: string | undefined,
    topics: readonly string[],
    { onRevoke, settings = {} }: MemberOptions = {},
  ): Promise<Member> {
    const { driver, bootstrap } = this.under;
    const member = new Member(onRevoke);
    const all = {
      'bootstrap.servers': bootstrap,
      'group.id': group,
      ...(instance === undefined ? {} : { 'group.instance.id': instance }),
      'session.timeout.ms': 6_000,
      'heartbeat.interval.ms': 200,
      'partition.assignment.strategy': 'range',
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      ...settings,
    };
    member.driver = this.opened(await driver.member(all, topics, member));
    return member;
  }

  /** Everything up to the end of one partition. */
  async readAll(topic: string, from: number = 0): Promise<{ readonly records: readonly Seen[]; readonly end: number }> {
    const consumer = await this.consumer([{ topic, partition: 0, offset: from }]);
    const records: Seen[] = [];
    for (;;) {
      const fetched = await consumer.fetch(100);
      records.push(...seen(fetched));
      const last = fetched.ends.at(-1);
      if (last !== undefined) {
        await consumer.close();
        return { records, end: last.offset };
      }
      if (fetched.records.length === 0) await pause(5);
    }
  }

  async close(): Promise<void> {
    for (const one of this.open.reverse()) await one.close();
  }

  private opened<C extends { close(): Promise<void> }>(client: C): C {
    this.open.push(client);
    return client;
  }
}

/** What a case wants of a member. */
export interface MemberOptions {
  readonly onRevoke?: OnRevoke;
  readonly settings?: ClientSettings;
}

export type OnRevoke = (member: Member) => Promise<void>;

/** What a member was told. */
export class Member {
  driver!: MemberDriver;
  partitions: readonly number[] = [];
  readonly told: string[] = [];
  private readonly onRevoke: OnRevoke;

  constructor(onRevoke: OnRevoke = () => Promise.resolve()) {
    this.onRevoke = onRevoke;
  }

  assigned(partitions: readonly TopicPartition[]): void {
    this.partitions = partitions.map(({ partition }) => partition).sort((a, b) => a - b);
    this.told.push(`assigned ${this.partitions.join(' ')}`);
  }

  async revoked(): Promise<void> {
    this.told.push('revoked');
    await this.onRevoke(this);
    this.partitions = [];
  }

  lost(): void {
    this.told.push('lost');
    this.partitions = [];
  }

  fenced(error: Error): void {
    this.told.push(`fenced ${(error as { readonly fields?: { readonly kafka?: number } }).fields?.kafka}`);
  }
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2_000) throw new Error(`it does not come to pass that ${what}`);
    await pause(5);
  }
}

/** Asked again while the coordinator is busy. */
export async function committedOf(admin: AdminDriver, group: string): Promise<readonly GroupOffset[]> {
  for (let tries = 0; ; tries++) {
    const committed = await admin.committed(group, true).catch(() => undefined);
    if (committed !== undefined) return committed;
    if (tries > 100) throw new Error('committed offsets cannot be read');
    await pause(50);
  }
}

export async function transactional(cluster: Cluster, id: string = cluster.under.name('tx')): Promise<ProducerDriver> {
  const producer = await cluster.producer(id);
  await producer.initTransactions();
  return producer;
}

export async function values(consumer: ConsumerDriver, count: number): Promise<readonly (string | null)[]> {
  const found: (string | null)[] = [];
  while (found.length < count) {
    const fetched = await consumer.fetch(10);
    found.push(...seen(fetched).map(({ value }) => value));
    if (fetched.records.length === 0) await pause(5);
  }
  return found;
}

export function seen({ records }: Fetched): readonly Seen[] {
  return Array.from({ length: records.length }, (_, i) => ({
    offset: records.offset(i),
    key: text(records.key(i)),
    value: text(records.value(i)),
    timestamp: records.timestamp(i),
    headers: records.headers(i).map(([name, bytes]) => [name, text(bytes) ?? ''] as const),
  }));
}

export function record(topic: string, value: string): OutgoingRecord {
  return { topic, partition: 0, key: null, value: encoder.encode(value), timestamp: undefined, headers: [] };
}

export function send(producer: ProducerDriver, one: OutgoingRecord): void {
  if (!producer.send(one)) throw new Error('the client has no room for a few records');
}

export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, not ${should}`);
}

/** Between two questions to a cluster that works at its own pace. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A case of the contract. */
export type Case = readonly [name: string, check: (cluster: Cluster) => Promise<void>];

/** The client's code of the error that a call is refused with; 0: it was not. */
export function codeOf(call: Promise<unknown>): Promise<number | undefined> {
  return call.then(
    () => 0,
    (error: { readonly fields?: { readonly kafka?: number } }) => error.fields?.kafka,
  );
}
