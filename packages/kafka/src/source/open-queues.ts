import type { SourceContext } from 'millrace';
import type { AdminDriver, TopicPartition } from '../driver/driver.ts';
import { partitionId, topicPartitionOf } from '../driver/topic-partition.ts';
import { checkPartitionCounts } from '../session/start-checks.ts';
import type { KafkaSession } from '../session/session.ts';
import { isFinished, PartitionQueue, type QueuePosition } from './partition-queue.ts';
import { checkKept, checkNamed, endOffsets, startOffsets, type Start, type Until } from './start-offsets.ts';

/** From where to where a partition is read. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly of: number;
}

/**
 * A queue for each partition that is read. Restored partitions go on where they were; others begin as `start` says or, if the
 * job had begun before, at their beginning: all they hold came since.
 */
export async function openQueues(
  admin: AdminDriver,
  { options: { group }, restored }: Pick<KafkaSession, 'options' | 'restored'>,
  partitions: readonly TopicPartition[],
  { start = 'earliest', until }: { readonly start?: Start; readonly until?: Until },
  { positions, name }: Pick<SourceContext, 'positions' | 'name'>,
): Promise<PartitionQueue[]> {
  const positionOf = ({ topic, partition }: TopicPartition): QueuePosition | undefined =>
    positions.get(partitionId(topic, partition)) as QueuePosition | undefined;
  // Later they are no longer used, and partitions may have gone.
  if (positions.size === 0) {
    checkNamed('start', start, partitions);
    checkNamed('until', until, partitions);
  }
  const counts = new Map<string, number>();
  for (const { topic } of partitions) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  // What was read to its end may have been deleted since, records or all.
  const unfinished = [...positions].filter(([, position]) => !isFinished(position as QueuePosition));
  checkPartitionCounts(
    name,
    unfinished.map(([id]) => topicPartitionOf(id)),
    counts,
  );
  const begunWith = new Map(counts);
  const ranges = new Map<string, Range>();
  const saved: (TopicPartition & { readonly offset: number })[] = [];
  for (const one of partitions) {
    const position = positionOf(one);
    if (position === undefined) continue;
    const { offset, end = Infinity, of = Infinity } = position;
    begunWith.set(one.topic, of);
    saved.push({ ...one, offset });
    ranges.set(partitionId(one.topic, one.partition), { start: offset, end, of });
  }
  const kept = saved.filter((one) => !isFinished(positionOf(one) as QueuePosition));
  await checkKept(admin, name, kept);
  // Held against all that the group has: it keeps the offsets of finished ones, too.
  restored.add(saved);
  const isNew = (one: TopicPartition): boolean =>
    positionOf(one) === undefined && one.partition < (begunWith.get(one.topic) ?? Infinity);
  const fresh = partitions.filter(isNew);
  const starts = await startOffsets(admin, group, fresh, positions.size > 0 ? 'earliest' : start);
  const ends = await endOffsets(admin, fresh, until);
  fresh.forEach((one, i) =>
    ranges.set(partitionId(one.topic, one.partition), {
      start: starts[i] as number,
      end: ends[i] as number,
      of: begunWith.get(one.topic) as number,
    }),
  );
  return partitions.flatMap(({ topic, partition }) => {
    const range = ranges.get(partitionId(topic, partition));
    return range === undefined ? [] : [new PartitionQueue(topic, partition, range.start, range.end, range.of)];
  });
}
