import type { ProducerDriver } from '../../src/index.ts';
import {
  codeOf,
  committedOf,
  pause,
  record,
  same,
  send,
  transactional,
  until,
  type Case,
  type Cluster,
  type Seen,
} from './contract-cluster.ts';

/** Transactions. */
export const TRANSACTION_CASES: readonly Case[] = [
  ['hides what was aborted, and steps over it to the end', hidesAborted],
  ['hides an open transaction and everything behind it', hidesOpen],
  ['commits offsets and metadata with the transaction, and not without', commitsOffsets],
  ['fences a producer when another one begins with its id', fences],
  ['tells a fenced producer at the first call that reaches the broker', fencesEveryCall],
  ['steps over records of an aborted transaction between those of a committed one', stepsOverAborted],
  ['writes nothing for a transaction without records', writesNothing],
  ['waits with stable offsets for a transaction that is not decided', waitsForStable],
  ['refuses metadata that is too long', refusesMetadata],
  ['aborts a transaction at its time-out, and tells its producer that it is fenced', timesOut],
  ['gives up records of a topic that does not exist, and the transaction with them', givesUpUnknownTopic],
];

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

async function fences(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const id = cluster.under.name('tx');
  const old = await transactional(cluster, id);
  await old.begin();
  send(old, record(topic, 'of the old one'));
  await old.flush();
  const young = await transactional(cluster, id);
  const code = await codeOf(old.commit());
  same(code, -144, 'the old one is told');
  await young.begin();
  send(young, record(topic, 'of the young one'));
  await young.commit();
  const values = (await cluster.readAll(topic)).records.map(({ value }) => value);
  same(values, ['of the young one'], 'what can be read');
}

async function fencesEveryCall(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const group = cluster.under.name('group');
  const { driver: member } = await cluster.member(group, 'only', [topic]);
  const calls: readonly (readonly [string, (old: ProducerDriver) => Promise<void>])[] = [
    ['commit', (old) => old.commit()],
    ['abort', (old) => old.abort()],
    ['offsets', (old) => old.sendOffsets(member, [{ topic, partition: 0, offset: 1 }])],
  ];
  for (const [what, call] of calls) {
    const id = cluster.under.name('tx');
    const old = await transactional(cluster, id);
    await transactional(cluster, id);
    // It knows nothing yet.
    await old.begin();
    if (what !== 'offsets') {
      send(old, record(topic, 'of the old one'));
      await old.flush();
    }
    same(await codeOf(call(old)), -144, what);
  }
  same((await cluster.readAll(topic)).records, [], 'nothing of it can be read');
}

async function stepsOverAborted(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const [aborting, committing] = [await transactional(cluster), await transactional(cluster)];
  const write = async (producer: ProducerDriver, value: string): Promise<void> => {
    send(producer, record(topic, value));
    await producer.flush();
  };
  await aborting.begin();
  await committing.begin();
  await write(aborting, 'a');
  await write(committing, 'b');
  await aborting.abort();
  await untilEnd(cluster, topic, 3);
  await write(committing, 'c');
  await committing.commit();
  await untilEnd(cluster, topic, 5);
  await aborting.begin();
  await write(aborting, 'd');
  await aborting.commit();
  const read = await untilRead(cluster, topic, 7);
  const places = read.map(({ value, offset }) => `${value} ${offset}`);
  same(places, ['b 1', 'c 3', 'd 5'], 'control records take offsets');
  const admin = await cluster.admin();
  same(await admin.offsets([{ topic, partition: 0 }], { timestamp: Date.now() + 3_600_000 }), [-1], 'in an hour');
}

/** Control records are written a little later than the producer goes on. */
async function untilEnd(cluster: Cluster, topic: string, end: number): Promise<void> {
  const admin = await cluster.admin();
  for (let tries = 0; tries < 200; tries++) {
    const [latest] = await admin.offsets([{ topic, partition: 0 }], 'latest');
    if (latest === end) return;
    await pause(20);
  }
  throw new Error(`the high watermark of ${topic} does not become ${end}`);
}

/** Readers see the end of a transaction a little later than its producer. */
async function untilRead(cluster: Cluster, topic: string, end: number): Promise<readonly Seen[]> {
  for (let tries = 0; tries < 200; tries++) {
    const read = await cluster.readAll(topic);
    if (read.end >= end) return read.records;
    await pause(20);
  }
  throw new Error(`the end of ${topic} does not become ${end}`);
}

async function writesNothing(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const producer = await transactional(cluster);
  await producer.begin();
  await producer.commit();
  await producer.begin();
  await producer.abort();
  same(await (await cluster.admin()).offsets([{ topic, partition: 0 }], 'latest'), [0], 'end');
}

async function waitsForStable(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const group = cluster.under.name('group');
  const producer = await transactional(cluster);
  const { driver: member } = await cluster.member(group, 'only', [topic]);
  const admin = await cluster.admin();
  const at = { topic, partition: 0 };
  await producer.begin();
  await producer.sendOffsets(member, [{ ...at, offset: 1, metadata: 'first' }]);
  await producer.commit();
  same(await committedOf(admin, group), [{ ...at, offset: 1, metadata: 'first' }], 'after the first');
  await producer.begin();
  await producer.sendOffsets(member, [{ ...at, offset: 2, metadata: 'second' }]);
  same(await admin.committed(group, false), [{ ...at, offset: 1, metadata: 'first' }], 'without waiting');
  // A client may wait for the decision or say "not yet" (88); the old offsets it must not give.
  let decided = false;
  const early = admin.committed(group, true).then(
    () => decided,
    (error: { readonly fields?: { readonly kafka?: number } }) => error.fields?.kafka === 88,
  );
  await admin.committed(group, false);
  decided = true;
  await producer.commit();
  same(await early, true, 'asked before the decision');
  same(await committedOf(admin, group), [{ ...at, offset: 2, metadata: 'second' }], 'after the second');
}

async function refusesMetadata(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const producer = await transactional(cluster);
  const { driver: member } = await cluster.member(cluster.under.name('group'), 'only', [topic]);
  await producer.begin();
  const metadata = 'x'.repeat(4_097);
  const code = await codeOf(producer.sendOffsets(member, [{ topic, partition: 0, offset: 1, metadata }]));
  same(code, 12, 'more than 4096 bytes');
  await producer.abort();
}

async function timesOut(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const settings = { 'transaction.timeout.ms': 1_000, 'message.timeout.ms': 1_000 };
  const id = cluster.under.name('tx');
  const producer = await cluster.producer(id, settings);
  await producer.initTransactions();
  await producer.begin();
  send(producer, record(topic, 'too slow'));
  await producer.flush();
  same(await untilRead(cluster, topic, 2), [], 'aborted by the broker');
  same(await codeOf(producer.commit()), -144, 'its producer is told');
  const successor = await transactional(cluster, id);
  await successor.begin();
  send(successor, record(topic, 'quick'));
  await successor.commit();
  same(
    (await untilRead(cluster, topic, 4)).map(({ value }) => value),
    ['quick'],
    'of the successor',
  );
}

async function givesUpUnknownTopic(cluster: Cluster): Promise<void> {
  const settings = { 'topic.metadata.propagation.max.ms': 500, 'topic.metadata.refresh.interval.ms': 200 };
  let failed = 0;
  const producer = await cluster.producer(cluster.under.name('tx'), settings, () => failed++);
  await producer.initTransactions();
  await producer.begin();
  send(producer, record('there-is-no-such-topic', 'lost'));
  // Which may never end once a record was given up.
  producer.flush().catch(() => undefined);
  await until(() => failed > 0, 'the record is given up');
  same((await codeOf(producer.commit())) === 0, false, 'the commit fails');
}
