import {
  codeOf,
  committedOf,
  record,
  same,
  send,
  transactional,
  until,
  type Case,
  type Cluster,
} from './contract-cluster.ts';

/** Members of groups. */
export const GROUP_CASES: readonly Case[] = [
  ['gives the only member of a group all partitions', givesAll],
  ['shares partitions among members, after the last commit of the one that had them', commitsInsideRevoke],
  ['lets a static member take the place of its predecessor, whose offsets are refused', replacesStatic],
  ['keeps a newcomer waiting until a revoke is answered', keepsWaiting],
  ['gives the partitions of a member that leaves to the others', takesOverFromLeaver],
  ['keeps the partitions of a static member that is gone until its session ends', waitsForSession],
  ['refuses offsets of a static member that let the group go on', refusesOldGeneration],
];

/** Some heartbeats, as members of another group have them: one that joins is heard of by the other at its next. */
async function heartbeats(cluster: Cluster): Promise<void> {
  const [topic, group] = [await cluster.topic(3), cluster.under.name('group')];
  const first = await cluster.member(group, 'x', [topic]);
  for (const [instance, left] of [
    ['y', 2],
    ['z', 1],
  ] as const) {
    await cluster.member(group, instance, [topic]);
    await until(() => first.partitions.length === left, 'another group has shared its partitions');
  }
}

async function givesAll(cluster: Cluster): Promise<void> {
  const [a, b] = [await cluster.topic(2), await cluster.topic(3)];
  const group = cluster.under.name('group');
  const member = await cluster.member(group, 'only', [a, b]);
  same(member.partitions, [0, 0, 1, 1, 2], 'partitions of both topics');
  same(await (await cluster.admin()).members(group), ['only'], 'members of the group');
  same(member.told, ['assigned 0 0 1 1 2'], 'told once');
}

async function commitsInsideRevoke(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(4);
  const group = cluster.under.name('group');
  const producer = await transactional(cluster);
  await producer.begin();
  send(producer, record(topic, 'processed'));
  const first = await cluster.member(group, 'a', [topic], {
    onRevoke: async ({ driver, partitions }) => {
      if (partitions.length < 4) return;
      await producer.sendOffsets(driver, [{ topic, partition: 0, offset: 7 }]);
      await producer.commit();
    },
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
  await until(() => predecessor.told.length > 1, 'the predecessor is told');
  same(predecessor.told, ['assigned 0 1', 'fenced 82'], 'what the predecessor is told');
  await old.begin();
  const code = await codeOf(old.sendOffsets(predecessor.driver, [{ topic, partition: 0, offset: 3 }]));
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

async function keepsWaiting(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const first = await cluster.member(group, 'a', [topic], { onRevoke: () => answered });
  const second = await cluster.joining(group, 'b', [topic]);
  await until(() => first.told.includes('revoked'), 'the first member is told');
  await heartbeats(cluster);
  same(second.told, [], 'nothing for the second while the revoke is unanswered');
  answer();
  await until(() => second.partitions.length > 0 && first.partitions.length === 1, 'both have their share');
  same(first.told, ['assigned 0 1', 'revoked', 'assigned 0'], 'what the first was told');
}

async function takesOverFromLeaver(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const stays = await cluster.member(group, 'a', [topic]);
  const leaves = await cluster.member(group, undefined, [topic]);
  await until(() => stays.partitions.length === 1, 'both have their share');
  await leaves.driver.close();
  await until(() => stays.partitions.length === 2, 'the other has everything');
}

async function waitsForSession(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const settings = { 'session.timeout.ms': 1_500 };
  const stays = await cluster.member(group, 'a', [topic], { settings });
  const leaves = await cluster.member(group, 'b', [topic], { settings });
  await until(() => stays.partitions.length === 1, 'both have their share');
  const { length } = stays.told;
  await leaves.driver.close();
  // A successor within the session: nobody notices.
  const successor = await cluster.member(group, 'b', [topic], { settings });
  same([successor.partitions, stays.told.length], [[1], length], 'the successor has the place');
  await successor.driver.close();
  await until(() => stays.partitions.length === 2, 'the other has everything once the session has ended');
}

/** A round does not wait for ever: a static member that does not answer in time keeps its place, but not its generation. */
async function refusesOldGeneration(cluster: Cluster): Promise<void> {
  const topic = await cluster.topic(2);
  const group = cluster.under.name('group');
  const producer = await transactional(cluster);
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const settings = { 'max.poll.interval.ms': 2_000, 'session.timeout.ms': 2_000 };
  const slow = await cluster.member(group, 'a', [topic], { onRevoke: () => answered, settings });
  try {
    const quick = await cluster.member(group, 'b', [topic], { settings });
    same(quick.partitions, [1], 'the other has its share');
    await producer.begin();
    const code = await codeOf(producer.sendOffsets(slow.driver, [{ topic, partition: 0, offset: 3 }]));
    same(code, 22, 'offsets of the old generation are refused');
  } finally {
    answer();
  }
}
