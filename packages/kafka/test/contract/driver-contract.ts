import type {
  AdminDriver,
  ConsumerDriver,
  Fetched,
  GroupOffset,
  KafkaDriver,
  MemberDriver,
  OutgoingRecord,
  PartitionOffset,
  ProducerDriver,
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
interface Seen {
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly headers: readonly (readonly [string, string])[];
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : decoder.decode(bytes));

/** A cluster as one case uses it. */
class Cluster {
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

  async producer(transactionalId?: string): Promise<ProducerDriver> {
    const { driver, bootstrap } = this.under;
    const id = transactionalId === undefined ? {} : { 'transactional.id': transactionalId };
    const settings = { 'bootstrap.servers': bootstrap, 'enable.idempotence': true, 'linger.ms': 0, ...id };
    return this.opened(await driver.producer(settings, { failed: () => undefined }));
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

  /** A static member of a group, once it has its partitions. */
  async member(group: string, instance: string, topics: readonly string[], onRevoke?: OnRevoke): Promise<Member> {
    const { driver, bootstrap } = this.under;
    const member = new Member(onRevoke);
    const settings = {
      'bootstrap.servers': bootstrap,
      'group.id': group,
      'group.instance.id': instance,
      'session.timeout.ms': 6_000,
      'heartbeat.interval.ms': 200,
      'partition.assignment.strategy': 'range',
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
    };
    member.driver = this.opened(await driver.member(settings, topics, member));
    await until(() => member.partitions.length > 0, 'a member has partitions');
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

type OnRevoke = (member: Member) => Promise<void>;

/** What a member was told. */
class Member {
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
}

async function until(holds: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 2_000) throw new Error(`it does not come to pass that ${what}`);
    await pause(5);
  }
}

/**
 * What the connector relies on, as cases for any test framework: run on the real broker and on its model, so that the model
 * is one.
 */
export function driverContract(
  under: () => DriverUnderTest,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  return CASES.map(([name, check]) => ({
    name,
    async run() {
      const cluster = new Cluster(under());
      try {
        await check(cluster);
      } finally {
        await cluster.close();
      }
    },
  }));
}

const CASES: readonly (readonly [name: string, check: (cluster: Cluster) => Promise<void>])[] = [
  ['makes topics, describes them, and leaves out those that do not exist', describesTopics],
  ['hands over records in order, with all that belongs to them', keepsRecords],
  ['finds offsets: earliest, latest, by time', findsOffsets],
  ['hides what was aborted, and steps over it to the end', hidesAborted],
  ['hides an open transaction and everything behind it', hidesOpen],
  ['commits offsets and metadata with the transaction, and not without', commitsOffsets],
  ['fences a producer when another one begins with its id', fences],
  ['gives the only member of a group all partitions', givesAll],
  ['shares partitions among members, after the last commit of the one that had them', commitsInsideRevoke],
  ['lets a static member take the place of its predecessor, whose offsets are refused', replacesStatic],
  ['reads on where it was told, and takes more partitions later', assignsMore],
  ['hands over nothing of a paused partition until it is resumed', pauses],
];

async function describesTopics(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(3);
  const admin = await cluster.admin();
  const [described, ...others] = await admin.topics([topic, 'there-is-no-such-topic']);
  same([described?.name, described?.partitions.length, others.length], [topic, 3, 0], 'description');
  same((await admin.topicNames()).includes(topic), true, 'the topic is listed');
  await admin.createTopics([{ name: topic, partitions: 9, replication: -1, config: {} }]);
  same((await admin.topics([topic]))[0]?.partitions.length, 3, 'a topic that exists is left alone');
}

async function keepsRecords(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const producer = await cluster.producer();
  const headers = [['a', encoder.encode('1')] as const, ['a', encoder.encode('2')] as const];
  send(producer, { ...record(topic, 'first'), key: encoder.encode('k'), timestamp: 5_000, headers });
  send(producer, { ...record(topic, ''), value: null });
  send(producer, record(topic, ''));
  for (let i = 0; i < 300; i++) send(producer, record(topic, `r${i}`));
  await producer.flush();
  const { records, end } = await cluster.readAll(topic);
  same(end, 303, 'end');
  const [first, second] = records;
  const both = [
    ['a', '1'],
    ['a', '2'],
  ] as const;
  same(first, { offset: 0, key: 'k', value: 'first', timestamp: 5_000, headers: both }, 'first record');
  // An empty value may come as none: librdkafka's C++ binding cannot tell them apart.
  same(second?.value, null, 'no value');
  same(
    records.slice(3).map(({ value }) => value),
    Array.from({ length: 300 }, (_, i) => `r${i}`),
    'order',
  );
}

async function findsOffsets(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const producer = await cluster.producer();
  for (const timestamp of [1_000, 2_000, 3_000]) send(producer, { ...record(topic, 'x'), timestamp });
  await producer.flush();
  const admin = await cluster.admin();
  const at = { topic, partition: 0 };
  same(await admin.offsets([at], 'earliest'), [0], 'earliest');
  same(await admin.offsets([at], 'latest'), [3], 'latest');
  same(await admin.offsets([at], { timestamp: 1_500 }), [1], 'by time');
  same(await admin.offsets([at], { timestamp: 9_000 }), [-1], 'after the last');
}

async function hidesAborted(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const producer = await transactional(cluster);
  for (const [value, end] of [
    ['a', 'commit'],
    ['b', 'abort'],
    ['c', 'commit'],
    ['d', 'abort'],
  ] as const) {
    await producer.begin();
    send(producer, record(topic, value));
    await producer.flush();
    await producer[end]();
  }
  const { records, end } = await cluster.readAll(topic);
  same(
    records.map(({ value }) => value),
    ['a', 'c'],
    'committed records',
  );
  const [latest] = await (await cluster.admin()).offsets([{ topic, partition: 0 }], 'latest');
  same(end, latest, 'the end lies behind control records');
}

async function hidesOpen(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const open = await transactional(cluster);
  const plain = await cluster.producer();
  await open.begin();
  send(open, record(topic, 'in the transaction'));
  await open.flush();
  send(plain, record(topic, 'behind it'));
  await plain.flush();
  same((await cluster.readAll(topic)).records, [], 'nothing while it is open');
  await open.commit();
  const values = (await cluster.readAll(topic)).records.map(({ value }) => value);
  same(values, ['in the transaction', 'behind it'], 'all of it afterwards');
}

async function commitsOffsets(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const producer = await transactional(cluster);
  const { driver: member } = await cluster.member(group, 'only', [topic]);
  const admin = await cluster.admin();
  const commit = async (end: 'commit' | 'abort', offset: number, metadata: string): Promise<void> => {
    await producer.begin();
    send(producer, record(topic, 'x'));
    await producer.sendOffsets(member, [{ topic, partition: 0, offset, metadata }]);
    await producer[end]();
  };
  await commit('commit', 5, 'marker 5');
  await commit('abort', 9, 'marker 9');
  same(
    await committedOf(admin, group),
    [{ topic, partition: 0, offset: 5, metadata: 'marker 5' }],
    'committed offsets',
  );
}

/** Asked again while the coordinator is busy. */
async function committedOf(admin: AdminDriver, group: string): Promise<readonly GroupOffset[]> {
  for (let tries = 0; ; tries++) {
    const committed = await admin.committed(group, true).catch(() => undefined);
    if (committed !== undefined) return committed;
    if (tries > 100) throw new Error('committed offsets cannot be read');
    await pause(50);
  }
}

async function givesAll(cluster: Cluster): Promise<void> {
  const [a, b] = [await cluster.topic(2), await cluster.topic(3)];
  const member = await cluster.member(cluster.under.name('group'), 'only', [a, b]);
  same(member.partitions, [0, 0, 1, 1, 2], 'partitions of both topics');
  same(member.told, ['assigned 0 0 1 1 2'], 'told once');
}

async function commitsInsideRevoke(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(4);
  const group = cluster.under.name('group');
  const producer = await transactional(cluster);
  await producer.begin();
  send(producer, record(topic, 'processed'));
  const first = await cluster.member(group, 'a', [topic], async ({ driver, partitions }) => {
    if (partitions.length < 4) return;
    await producer.sendOffsets(driver, [{ topic, partition: 0, offset: 7 }]);
    await producer.commit();
  });
  const second = await cluster.member(group, 'b', [topic]);
  await until(() => first.partitions.length > 0, 'the first member has partitions again');
  same(
    [first.partitions, second.partitions],
    [
      [0, 1],
      [2, 3],
    ],
    'ranges of both',
  );
  same(first.told, ['assigned 0 1 2 3', 'revoked', 'assigned 0 1'], 'what the first was told');
  const offsets = await committedOf(await cluster.admin(), group);
  same(
    offsets.map(({ partition, offset }) => [partition, offset]),
    [[0, 7]],
    'committed inside the revoke',
  );
  same((await cluster.readAll(topic)).records.length, 1, 'output of that commit');
}

async function replacesStatic(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const [old, young] = [await transactional(cluster), await transactional(cluster)];
  const predecessor = await cluster.member(group, 'same', [topic]);
  const successor = await cluster.member(group, 'same', [topic]);
  same(successor.partitions, [0, 1], 'all partitions of the predecessor');
  await old.begin();
  const code = await old.sendOffsets(predecessor.driver, [{ topic, partition: 0, offset: 3 }]).then(
    () => 0,
    (error: { readonly fields?: { readonly kafka?: number } }) => error.fields?.kafka,
  );
  same(code, 82, 'offsets of the predecessor are refused');
  await young.begin();
  await young.sendOffsets(successor.driver, [{ topic, partition: 0, offset: 4 }]);
  await young.commit();
  const offsets = await committedOf(await cluster.admin(), group);
  same(
    offsets.map(({ offset }) => offset),
    [4],
    'offsets of the successor',
  );
}

async function fences(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const id = cluster.under.name('tx');
  const old = await transactional(cluster, id);
  await old.begin();
  send(old, record(topic, 'of the old one'));
  await old.flush();
  const young = await transactional(cluster, id);
  const code = await old.commit().then(
    () => 0,
    (error: { readonly fields?: { readonly kafka?: number } }) => error.fields?.kafka,
  );
  same(code, -144, 'the old one is told');
  await young.begin();
  send(young, record(topic, 'of the young one'));
  await young.commit();
  const values = (await cluster.readAll(topic)).records.map(({ value }) => value);
  same(values, ['of the young one'], 'what can be read');
}

async function assignsMore(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const producer = await cluster.producer();
  for (let i = 0; i < 10; i++) send(producer, { ...record(topic, `r${i}`), partition: i % 2 });
  await producer.flush();
  const consumer = await cluster.consumer([{ topic, partition: 0, offset: 3 }]);
  same(await values(consumer, 2), ['r6', 'r8'], 'from the offset on');
  consumer.assign([{ topic, partition: 1, offset: 4 }]);
  same(await values(consumer, 1), ['r9'], 'of the other partition');
}

async function pauses(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const producer = await cluster.producer();
  const consumer = await cluster.consumer([0, 1].map((partition) => ({ topic, partition, offset: 0 })));
  await consumer.fetch(10);
  consumer.pause([{ topic, partition: 0 }]);
  send(producer, { ...record(topic, 'paused'), partition: 0 });
  send(producer, { ...record(topic, 'read'), partition: 1 });
  await producer.flush();
  same(await values(consumer, 1), ['read'], 'of the other partition');
  consumer.resume([{ topic, partition: 0 }]);
  same(await values(consumer, 1), ['paused'], 'after it was resumed');
}

async function transactional(cluster: Cluster, id: string = cluster.under.name('tx')): Promise<ProducerDriver> {
  const producer = await cluster.producer(id);
  await producer.initTransactions();
  return producer;
}

async function values(consumer: ConsumerDriver, count: number): Promise<readonly (string | null)[]> {
  const found: (string | null)[] = [];
  while (found.length < count) {
    const fetched = await consumer.fetch(10);
    found.push(...seen(fetched).map(({ value }) => value));
    if (fetched.records.length === 0) await pause(5);
  }
  return found;
}

function seen({ records }: Fetched): readonly Seen[] {
  return Array.from({ length: records.length }, (_, i) => ({
    offset: records.offset(i),
    key: text(records.key(i)),
    value: text(records.value(i)),
    timestamp: records.timestamp(i),
    headers: records.headers(i).map(([name, bytes]) => [name, text(bytes) ?? ''] as const),
  }));
}

function record(topic: string, value: string): OutgoingRecord {
  return { topic, partition: 0, key: null, value: encoder.encode(value), timestamp: undefined, headers: [] };
}

function send(producer: ProducerDriver, one: OutgoingRecord): void {
  if (!producer.send(one)) throw new Error('the client has no room for a few records');
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}: ${is}, not ${should}`);
}

/** Between two questions to a cluster that works at its own pace. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
