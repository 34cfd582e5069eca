import { MillraceError, type SourceContext } from 'millrace';
import type { AdminDriver, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { PartitionQueue } from './partition-queue.ts';

/** Finds the partitions of a topic, or of all topics whose names match, at the start and again now and then. */
export class Discovery {
  private readonly wanted: string | RegExp;
  private readonly everyMs: number;
  private readonly admin: AdminDriver;
  private readonly bootstrap: string;
  private readonly context: Pick<SourceContext, 'clock' | 'logger' | 'name'>;
  private lastMs: number;

  constructor(
    wanted: string | RegExp,
    everyMs: number,
    admin: AdminDriver,
    bootstrap: string,
    context: Pick<SourceContext, 'clock' | 'logger' | 'name'>,
  ) {
    this.wanted = wanted;
    this.everyMs = everyMs;
    this.admin = admin;
    this.bootstrap = bootstrap;
    this.context = context;
    this.lastMs = context.clock.monotonic();
  }

  /** @throws MillraceError `IO_NOT_FOUND` if there is none */
  async partitions(): Promise<readonly TopicPartition[]> {
    const { wanted, admin, bootstrap } = this;
    const topics = await admin.topics(await this.names());
    if (topics.length === 0) {
      throw new MillraceError('IO_NOT_FOUND', {
        message:
          typeof wanted === 'string'
            ? `Topic '${wanted}' does not exist on ${bootstrap}. Create it, or correct its name.`
            : `No topic on ${bootstrap} matches ${String(wanted)}.`,
        fields: { topic: String(wanted) },
      });
    }
    return [...topics]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
  }

  /** Queues of partitions that are not among `known`, if it is time to look. One that failed is repeated by the next call. */
  async look(known: readonly PartitionQueue[]): Promise<readonly PartitionQueue[]> {
    const { clock, logger, name } = this.context;
    const nowMs = clock.monotonic();
    if (nowMs - this.lastMs < this.everyMs) return [];
    const ids = new Set(known.map(({ id }) => id));
    const all = await this.partitions();
    const fresh = all.filter(({ topic, partition }) => !ids.has(partitionId(topic, partition)));
    const starts = await this.admin.offsets(fresh, 'earliest');
    this.lastMs = nowMs;
    return fresh.map(({ topic, partition }, i) => {
      logger.info(`source '${name}': new partition ${partitionId(topic, partition)}`);
      return new PartitionQueue(topic, partition, starts[i] as number, Infinity, Infinity);
    });
  }

  private async names(): Promise<readonly string[]> {
    const { wanted, admin } = this;
    if (typeof wanted === 'string') return [wanted];
    const pattern = new RegExp(wanted, wanted.flags.replace(/[gy]/g, ''));
    return (await admin.topicNames()).filter((name) => pattern.test(name));
  }
}
