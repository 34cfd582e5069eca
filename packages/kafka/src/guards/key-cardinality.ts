import type { GuardFinding } from 'millrace';
import { murmur2 } from '../sink/java-partitioner.ts';

/** Records that are looked at: enough to have met the keys of a topic that are in use, few enough to be seen in the first minutes. */
export const MEASURED_RECORDS = 10_000;

/**
 * Counts the keys among the first records of an output, until there are as many as partitions: as a rule after some dozens of
 * records, and nothing is kept afterwards.
 */
export class KeyCardinality {
  private readonly topic: string;
  private readonly partitions: number;
  private readonly hashes = new Set<number>();
  private records = 0;
  /** Nothing more is to be learnt. */
  done = false;

  constructor(topic: string, partitions: number) {
    this.topic = topic;
    this.partitions = partitions;
  }

  /** Returns the finding once it is certain. */
  see(key: Uint8Array): GuardFinding | undefined {
    if (this.done) return undefined;
    this.hashes.add(murmur2(key));
    this.records++;
    this.done = this.hashes.size >= this.partitions || this.records === MEASURED_RECORDS;
    return this.done && this.hashes.size < this.partitions ? this.finding() : undefined;
  }

  private finding(): GuardFinding {
    const { topic, partitions, records, hashes } = this;
    const keys = hashes.size === 1 ? '1 key' : `${hashes.size} keys`;
    return {
      guard: 'low-cardinality-key',
      message: `kafka.sink('${topic}'): the first ${records} records have ${keys}, the topic has ${partitions} partitions: most of them stay empty.`,
      cure: 'Key by something with more values (an id, not a type), or make the topic with fewer partitions.',
    };
  }
}
