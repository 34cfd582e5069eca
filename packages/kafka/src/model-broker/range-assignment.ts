import type { TopicPartition } from '../driver/driver.ts';

/** A member as the assignor sees it. */
interface Subscriber {
  readonly memberId: string;
  readonly instance: string | undefined;
  readonly topics: readonly string[];
}

/** Kafka's `range`: each topic's partitions in consecutive shares, in the order of names of static members, then of ids. */
export function rangeAssignment<M extends Subscriber>(
  members: readonly M[],
  partitionsOf: (topic: string) => readonly TopicPartition[],
): Map<M, TopicPartition[]> {
  const nameOf = ({ instance, memberId }: M): string => (instance === undefined ? `1 ${memberId}` : `0 ${instance}`);
  const sorted = [...members].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const assigned = new Map<M, TopicPartition[]>(members.map((member) => [member, []]));
  for (const topic of new Set(members.flatMap(({ topics }) => topics))) {
    const subscribers = sorted.filter(({ topics }) => topics.includes(topic));
    const partitions = partitionsOf(topic);
    const share = Math.floor(partitions.length / subscribers.length);
    const larger = partitions.length % subscribers.length;
    let from = 0;
    subscribers.forEach((member, i) => {
      const to = from + share + (i < larger ? 1 : 0);
      assigned.get(member)?.push(...partitions.slice(from, to));
      from = to;
    });
  }
  return assigned;
}
