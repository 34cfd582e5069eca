import { codeOf, committedOf, record, same, send, until, values, type Case, type Cluster } from './contract-cluster.ts';

/** What a consumer outside of dataflows asks of a client: offsets without a transaction, partitions given up. */
export const COMMIT_CASES: readonly Case[] = [
  ['commits offsets of a member outside of transactions, also while a revoke is unanswered', commits],
  ['refuses plain offsets of a static member whose place was taken, and of one that has left', refusesCommits],
  ['tells a static member that its place was taken, once', tellsTheFenced],
  ['brings nothing of a partition that was given up, and reads it again from where it is told', givesUp],
];

async function commits(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const first = await cluster.member(group, 'a', [topic], {
    onRevoke: ({ driver }) => driver.commit([{ topic, partition: 1, offset: 9, metadata: 'last' }]),
  });
  await first.driver.commit([
    { topic, partition: 0, offset: 3 },
    { topic, partition: 1, offset: 5 },
  ]);
  const offsets = async () =>
    (await committedOf(await cluster.admin(), group)).map(({ partition, offset }) => [partition, offset]);
  same(
    await offsets(),
    [
      [0, 3],
      [1, 5],
    ],
    'committed at once',
  );
  await cluster.member(group, 'b', [topic]);
  same(
    await offsets(),
    [
      [0, 3],
      [1, 9],
    ],
    'committed inside the revoke',
  );
}

async function refusesCommits(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const predecessor = await cluster.member(group, 'same', [topic]);
  const successor = await cluster.member(group, 'same', [topic]);
  const code = await codeOf(predecessor.driver.commit([{ topic, partition: 0, offset: 3 }]));
  same([22, 25, 82].includes(code ?? 0), true, `the code of offsets of the predecessor (${code})`);
  await successor.driver.commit([{ topic, partition: 0, offset: 4 }]);
  await successor.driver.close();
  same(await codeOf(successor.driver.commit([{ topic, partition: 0, offset: 5 }])), undefined, 'offsets of a leaver');
  const offsets = await committedOf(await cluster.admin(), group);
  same(
    offsets.map(({ offset }) => offset),
    [4],
    'offsets of the successor',
  );
}

async function tellsTheFenced(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const predecessor = await cluster.member(group, 'same', [topic]);
  const successor = await cluster.member(group, 'same', [topic]);
  await until(() => predecessor.told.length > 1, 'the predecessor is told');
  same(predecessor.told, ['assigned 0 1', 'fenced 82'], 'what the predecessor is told');
  const code = await codeOf(predecessor.driver.commit([{ topic, partition: 0, offset: 3 }]));
  same(code, 82, 'the code of its offsets from then on');
  await successor.driver.commit([{ topic, partition: 0, offset: 4 }]);
  same(successor.told, ['assigned 0 1'], 'what the successor is told');
}

async function givesUp(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const producer = await cluster.producer();
  const write = async (value: string, partition: number): Promise<void> => {
    send(producer, { ...record(topic, value), partition });
    await producer.flush();
  };
  for (const value of ['a', 'b', 'c']) await write(value, 0);
  const consumer = await cluster.consumer([
    { topic, partition: 0, offset: 0 },
    { topic, partition: 1, offset: 0 },
  ]);
  same(await values(consumer, 3), ['a', 'b', 'c'], 'all at first');
  consumer.unassign([{ topic, partition: 0 }]);
  await write('d', 0);
  await write('x', 1);
  same(await values(consumer, 1), ['x'], 'nothing of the partition that was given up');
  consumer.assign([{ topic, partition: 0, offset: 1 }]);
  same(await values(consumer, 3), ['b', 'c', 'd'], 'read again');
}
