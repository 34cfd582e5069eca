import type { AdminDriver, OutgoingRecord } from '../driver/driver.ts';
import { javaPartition } from '../sink/java-partitioner.ts';
import type { Letter } from './letter.ts';

/** The record that a letter stands for, as it came, or why there is none. */
export type Returned = { readonly record: OutgoingRecord } | { readonly obstacle: string };

/** Makes records of letters again. */
export class Returns {
  private readonly admin: AdminDriver;
  private readonly to: string | undefined;
  private readonly counts = new Map<string, number>();

  /** @param to topic of all of them; default: the one each came from */
  constructor(admin: AdminDriver, to: string | undefined) {
    this.admin = admin;
    this.to = to;
  }

  async of(letter: Letter): Promise<Returned> {
    const { window, truncated, key, value, timestamp, headers } = letter;
    if (window !== undefined)
      return {
        obstacle: `it stands for the window ${window}, which many records went into: there is no record to write again`,
      };
    if (truncated !== undefined)
      return {
        obstacle: `only the beginning of its value was kept (${value?.length ?? 0} of ${truncated} bytes): write the record again from where it came`,
      };
    const topic = this.to ?? letter.topic;
    if (topic === undefined) return { obstacle: 'it names no topic that it came from: say which one is meant (to)' };
    const partitions = await this.partitionsOf(topic);
    if (partitions === 0) return { obstacle: `topic '${topic}' does not exist: make it, or name another one (to)` };
    // That of a record from elsewhere is the path of a file.
    const number = letter.topic === undefined ? undefined : Number(letter.partition);
    const partition = number ?? (key === null ? undefined : javaPartition(key, partitions));
    if (partition !== undefined && !(partition < partitions))
      return {
        obstacle: `it came from partition ${letter.partition}, and topic '${topic}' has ${partitions}: add partitions, or name another topic (to)`,
      };
    return { record: { topic, partition, key, value, timestamp: timestamp ?? undefined, headers } };
  }

  private async partitionsOf(topic: string): Promise<number> {
    let count = this.counts.get(topic);
    if (count === undefined) {
      const [description] = await this.admin.topics([topic]);
      count = description?.partitions.length ?? 0;
      this.counts.set(topic, count);
    }
    return count;
  }
}
