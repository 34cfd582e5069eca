import type { CommittedPositions } from 'millrace';
import type { GroupOffset, PartitionOffset } from '../driver/driver.ts';
import { partitionId, topicPartitionOf } from '../driver/topic-partition.ts';

/**
 * What a transaction commits for the group: partitions that have moved on since the last commit, and those that carry the marker.
 *
 * The marker stands on the lowest partition and, where a job reads several topics, on the first of the highest topic as well: with
 * a topic that is deleted its offsets go.
 */
export class CommitOffsets {
  private readonly last = new Map<string, number>();

  /**
   * Offsets to commit; empty without partitions.
   *
   * @param sources names of the sources that read Kafka
   */
  next(positions: readonly CommittedPositions[], sources: ReadonlySet<string>, marker: string): readonly GroupOffset[] {
    const all = [...lowestOffsets(positions, sources)].sort(byPartition);
    const [lowest] = all;
    const highestTopic = all.at(-1)?.topic;
    const carriers = new Set([lowest, all.find(({ topic }) => topic === highestTopic)]);
    return all.flatMap((one) => {
      if (carriers.has(one)) return [{ ...one, metadata: marker }];
      return this.last.get(partitionId(one.topic, one.partition)) === one.offset ? [] : [one];
    });
  }

  /** These are committed. */
  committed(offsets: readonly GroupOffset[]): void {
    for (const { topic, partition, offset } of offsets) this.last.set(partitionId(topic, partition), offset);
  }

  /** Another life: nothing is known. */
  clear(): void {
    this.last.clear();
  }
}

/** One offset for each partition: where the slowest of the sources that read it stands. */
function lowestOffsets(
  positions: readonly CommittedPositions[],
  sources: ReadonlySet<string>,
): Iterable<PartitionOffset> {
  const lowest = new Map<string, PartitionOffset>();
  for (const { source, partitions } of positions) {
    if (!sources.has(source)) continue;
    for (const { id, position } of partitions) {
      const offset = (position as { readonly offset?: number } | undefined)?.offset;
      if (offset === undefined || offset >= (lowest.get(id)?.offset ?? Infinity)) continue;
      lowest.set(id, { ...topicPartitionOf(id), offset });
    }
  }
  return lowest.values();
}

function byPartition(a: PartitionOffset, b: PartitionOffset): number {
  return a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition;
}
