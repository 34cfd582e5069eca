import { MillraceError, type SourceContext } from 'millrace';
import type { AdminDriver, TopicPartition } from '../driver/driver.ts';
import { INTERNAL_TOPICS } from '../driver/topic-name.ts';
import { partitionId, topicPartitionOf } from '../driver/topic-partition.ts';
import { isFinished, PartitionQueue, type QueuePosition } from './partition-queue.ts';

/** A topic that was read is only taken for gone when so many answers, one a while after the other, do not have it. */
const LOOKS = 3;
const LOOK_AGAIN_MS = 1_000;

/** What a source begins with. */
export interface Found {
  readonly partitions: readonly TopicPartition[];
  /** Partitions that it was in the middle of, and goes on without. */
  readonly gone: readonly string[];
}

/** Finds the partitions of a topic, or of all topics whose names match, at the start and again now and then. */
export class Discovery {
  private readonly wanted: string | RegExp;
  private readonly everyMs: number;
  private readonly admin: AdminDriver;
  private readonly bootstrap: string;
  private readonly context: Pick<SourceContext, 'clock' | 'scheduler' | 'logger' | 'name'>;
  private lastMs: number;
  /** Looks, one after the other, in which a topic was missing. */
  private missed = 0;

  constructor(
    wanted: string | RegExp,
    everyMs: number,
    admin: AdminDriver,
    bootstrap: string,
    context: Pick<SourceContext, 'clock' | 'scheduler' | 'logger' | 'name'>,
  ) {
    this.wanted = wanted;
    this.everyMs = everyMs;
    this.admin = admin;
    this.bootstrap = bootstrap;
    this.context = context;
    this.lastMs = context.clock.monotonic();
  }

  /**
   * What there is to read for a job that goes on at `positions`.
   *
   * @throws MillraceError `IO_NOT_FOUND` if there is nothing, `STATE_MISMATCH` if the topic that was read is gone
   */
  async begin(positions: SourceContext['positions']): Promise<Found> {
    const { scheduler } = this.context;
    for (let look = 1; ; look++) {
      const partitions = await this.partitions();
      const gone = this.missing(positions, partitions);
      if (gone.length === 0) {
        if (partitions.length === 0) throw this.notFound();
        return { partitions, gone };
      }
      if (look === LOOKS) return this.withoutGone(partitions, gone);
      await new Promise<void>((resolve) => scheduler.after(LOOK_AGAIN_MS, resolve));
    }
  }

  /**
   * Queues of partitions that are not among `known`, if it is time to look. One that failed is repeated by the next call.
   *
   * @throws MillraceError `STATE_MISMATCH` if the only topic is gone, `IO_FAILED` (retryable) if others are left: a new life of the
   *   job begins without it
   */
  async look(known: readonly PartitionQueue[]): Promise<readonly PartitionQueue[]> {
    const { clock, logger, name } = this.context;
    const nowMs = clock.monotonic();
    if (nowMs - this.lastMs < this.everyMs) return [];
    const ids = new Set(known.map(({ id }) => id));
    const all = await this.partitions();
    const gone = this.missing(new Map(known.map(({ id, position }) => [id, position])), all);
    if (gone.length > 0) return this.lookAgain(all, gone);
    this.missed = 0;
    const fresh = all.filter(({ topic, partition }) => !ids.has(partitionId(topic, partition)));
    const starts = await this.admin.offsets(fresh, 'earliest');
    this.lastMs = nowMs;
    return fresh.map(({ topic, partition }, i) => {
      logger.info(`source '${name}': new partition ${partitionId(topic, partition)}`);
      return new PartitionQueue(topic, partition, starts[i] as number, Infinity, Infinity);
    });
  }

  private lookAgain(all: readonly TopicPartition[], gone: readonly string[]): readonly [] {
    if (++this.missed < LOOKS) return [];
    if (typeof this.wanted === 'string' || all.length === 0) throw this.mismatch(gone);
    throw new MillraceError('IO_FAILED', {
      message: `${this.whatIsGone(gone)}. The job begins again without it.`,
      fields: { source: this.context.name, partitions: gone },
      retryable: true,
    });
  }

  private async partitions(): Promise<readonly TopicPartition[]> {
    const { wanted, admin } = this;
    const names = typeof wanted === 'string' ? [wanted] : (await admin.topicNames()).filter((name) => this.wants(name));
    return [...(await admin.topics(names))]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
  }

  private wants(name: string): boolean {
    const { wanted } = this;
    if (typeof wanted === 'string') return name === wanted;
    if (INTERNAL_TOPICS.includes(name)) return false;
    return new RegExp(wanted, wanted.flags.replace(/[gy]/g, '')).test(name);
  }

  /** Partitions that the job is in the middle of and whose topics are not there. Topics that it no longer wants are no matter of ours. */
  private missing(positions: SourceContext['positions'], partitions: readonly TopicPartition[]): readonly string[] {
    const topics = new Set(partitions.map(({ topic }) => topic));
    return [...positions].flatMap(([id, position]) => {
      const { topic } = topicPartitionOf(id);
      // Positions of a Kafka source are those of its queues.
      return isFinished(position as QueuePosition) || topics.has(topic) || !this.wants(topic) ? [] : [id];
    });
  }

  private withoutGone(partitions: readonly TopicPartition[], gone: readonly string[]): Found {
    if (typeof this.wanted === 'string' || partitions.length === 0) throw this.mismatch(gone);
    this.context.logger.warn(`${this.whatIsGone(gone)}: the job goes on without ${gone.join(', ')}`);
    return { partitions, gone };
  }

  private mismatch(gone: readonly string[]): MillraceError {
    return new MillraceError('STATE_MISMATCH', {
      message: `${this.whatIsGone(gone)}. What was not read is lost to this job. Make the topic anew and start over with fresh: true.`,
      fields: { source: this.context.name, partitions: gone },
    });
  }

  private whatIsGone(gone: readonly string[]): string {
    const topics = [...new Set(gone.map((id) => topicPartitionOf(id).topic))];
    const one = topics.length === 1;
    const named = `${one ? 'Topic' : 'Topics'} ${topics.map((topic) => `'${topic}'`).join(', ')}`;
    return `${named} ${one ? 'was' : 'were'} deleted since the last commit, and source '${this.context.name}' was in the middle of reading`;
  }

  private notFound(): MillraceError {
    const { wanted, bootstrap } = this;
    return new MillraceError('IO_NOT_FOUND', {
      message:
        typeof wanted === 'string'
          ? `Topic '${wanted}' does not exist on ${bootstrap}. Create it, or correct its name.`
          : `No topic on ${bootstrap} matches ${String(wanted)}.`,
      fields: { topic: String(wanted) },
    });
  }
}

/** Whether `look` has found that a topic is gone. */
export function isGone(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.fields['partitions'] !== undefined;
}
