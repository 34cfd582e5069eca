import type { TopicPartition } from './driver.ts';

/** Name of a partition: `orders-0`. */
export function partitionId(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}

/** The partition of a name. */
export function topicPartitionOf(id: string): TopicPartition {
  const dash = id.lastIndexOf('-');
  return { topic: id.slice(0, dash), partition: Number(id.slice(dash + 1)) };
}
