import { encoder, record, same, send, values, type Case, type Cluster } from './contract-cluster.ts';

/** Topics and their records. */
export const TOPIC_CASES: readonly Case[] = [
  ['makes topics, describes them, and leaves out those that do not exist', describesTopics],
  ["reads settings of topics, the broker's defaults among them", readsSettings],
  ['hands over records in order, with all that belongs to them', keepsRecords],
  ['finds offsets: earliest, latest, by time', findsOffsets],
  ['reads on where it was told, and takes more partitions later', assignsMore],
  ['tells where each record with a number was written, if it is asked to', tellsOfDeliveries],
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

async function readsSettings(cluster: Cluster): Promise<void> {
  const [set, plain] = [await cluster.topic(), await cluster.topic()];
  const admin = await cluster.admin();
  const config = { 'cleanup.policy': 'compact', 'retention.ms': '1234567' };
  const name = `${set}-with-settings`;
  await admin.createTopics([{ name, partitions: 1, replication: -1, config }]);
  while ((await admin.topics([name])).length === 0) await new Promise((resolve) => setImmediate(resolve));
  const read = await admin.topicSettings?.([plain, name]);
  same(
    read?.map((one) => one.name),
    [plain, name],
    'in the order that was asked for',
  );
  const of = (index: number, names: readonly string[]) => names.map((setting) => read?.[index]?.settings[setting]);
  same(of(1, ['cleanup.policy', 'retention.ms', 'min.insync.replicas']), ['compact', '1234567', '1'], 'as it was made');
  same(of(0, ['cleanup.policy', 'message.timestamp.type']), ['delete', 'CreateTime'], "the broker's defaults");
  same(await admin.topicSettings?.([]), [], 'of none');
}

async function keepsRecords(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic();
  const producer = await cluster.producer();
  const headers = [['a', encoder.encode('1')] as const, ['a', encoder.encode('2')] as const];
  send(producer, { ...record(topic, 'first'), key: encoder.encode('k'), timestamp: 5_000, headers });
  send(producer, { ...record(topic, ''), value: null });
  send(producer, { ...record(topic, ''), key: encoder.encode(''), headers: [['empty', encoder.encode('')]] });
  for (let i = 0; i < 300; i++) send(producer, record(topic, `r${i}`));
  await producer.flush();
  const { records, end } = await cluster.readAll(topic);
  same(end, 303, 'end');
  const [first, second, third] = records;
  const both = [
    ['a', '1'],
    ['a', '2'],
  ] as const;
  same(first, { offset: 0, key: 'k', value: 'first', timestamp: 5_000, headers: both }, 'first record');
  same(second?.value, null, 'no value: a tombstone');
  same([third?.key, third?.value, third?.headers], ['', '', [['empty', '']]], 'empty ones');
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

async function tellsOfDeliveries(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const told: string[] = [];
  const producer = await cluster.producer(undefined, {}, undefined, (id, { topic: at, partition, offset }) => {
    told.push(`${id}: ${at === topic ? 'topic' : at} ${partition} ${offset}`);
  });
  for (let id = 1; id <= 6; id++)
    same(producer.send({ ...record(topic, `r${id}`), partition: id % 2 }, id), true, 'there is room');
  await producer.flush();
  same(
    told.toSorted(),
    Array.from({ length: 6 }, (_, i) => `${i + 1}: topic ${(i + 1) % 2} ${Math.floor(i / 2)}`),
    'numbers and places',
  );
}
