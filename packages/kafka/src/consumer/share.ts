import { MillraceError, systemScheduler, type Logger } from 'millrace';
import type { AdminDriver, MemberEvents, PartitionOffset, TopicPartition } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';
import { placeTaken, type Commits } from './commits.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import { Lane } from './lane.ts';
import type { Reading } from './reading.ts';

/** Between two questions to brokers that do not answer, milliseconds. */
const ASK_AGAIN_MS = 500;

/** What a share is made of. */
export interface ShareParts {
  readonly settings: ConsumerSettings;
  readonly admin: () => Promise<AdminDriver>;
  /** The next `admin` is another client: one that has known a broker before its restart may not find its way again (74). */
  readonly renewAdmin: () => Promise<void>;
  readonly reading: Reading;
  readonly commits: Commits;
  readonly fail: (error: Error) => void;
}

/**
 * The partitions that the group gives this member, from round to round:
 *
 *   assigned --> look up offsets --> lanes are read --revoked: nothing more begins, what runs has drainTimeout, commit--> none
 *                                         \--lost: what runs counts for nothing--> none
 */
export class Share implements MemberEvents {
  /** Those that are this member's now. */
  lanes: readonly Lane[] = [];
  private readonly parts: ShareParts;
  private readonly logger: Logger;
  private round = 0;
  /** While partitions are being given away: ends the wait for handlers. */
  private hurry: () => void = () => undefined;
  private giving: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(parts: ShareParts) {
    this.parts = parts;
    this.logger = parts.settings.logger;
  }

  assigned(partitions: readonly TopicPartition[]): void {
    if (this.stopped) return;
    const round = ++this.round;
    const { group } = this.parts.settings;
    const names = partitions.map(({ topic, partition }) => partitionId(topic, partition)).join(', ');
    this.logger.info(`group '${group}' gives ${names === '' ? 'no partitions to this member' : names}`);
    this.take(partitions, round).catch((error: unknown) => {
      if (round === this.round) this.parts.fail(error as Error);
    });
  }

  async revoked(): Promise<void> {
    this.logger.info(`group '${this.parts.settings.group}' begins another round: what is under way is finished first`);
    this.giving = this.give(this.parts.settings.drainMs);
    await this.giving;
  }

  lost(): void {
    const { group } = this.parts.settings;
    this.logger.warn(`group '${group}' has gone on without this member: what is under way may be done again elsewhere`);
    const { lanes } = this;
    this.drop();
    for (const lane of lanes) lane.abandon();
  }

  fenced(error: Error): void {
    this.parts.fail(placeTaken(error));
  }

  /** No partitions from now on. Resolves when what was done is committed, `drainMs` milliseconds after handlers or before. */
  async stop(drainMs: number): Promise<void> {
    this.stopped = true;
    const { hurry } = this;
    const timer = systemScheduler.after(drainMs, hurry);
    const giving = this.give(drainMs);
    const last = this.hurry;
    this.hurry = () => {
      hurry();
      last();
    };
    await Promise.all([this.giving, giving]);
    timer.cancel();
  }

  /** Whoever stops waits for handlers no longer. */
  hurryUp(): void {
    this.hurry();
  }

  private async take(partitions: readonly TopicPartition[], round: number): Promise<void> {
    const { settings, reading } = this.parts;
    const starts = await this.found(partitions, round);
    if (starts === undefined || this.isOver(round)) return;
    this.lanes = starts.map((start) => new Lane(start, settings.buffer, settings.atMostOnce));
    reading.add(this.lanes);
  }

  /** Where partitions begin, however long the brokers take to say so; `undefined`: they are no longer ours. */
  private async found(
    partitions: readonly TopicPartition[],
    round: number,
  ): Promise<readonly PartitionOffset[] | undefined> {
    while (!this.isOver(round)) {
      try {
        return await this.starts(partitions);
      } catch (error) {
        if (!(error instanceof MillraceError) || !error.retryable) throw error;
        this.logger.warn(`where to begin cannot be asked for, and is asked again: ${error.message}`);
      }
      await this.parts.renewAdmin();
      await new Promise<void>((resolve) => systemScheduler.after(ASK_AGAIN_MS, resolve));
    }
    return undefined;
  }

  private isOver(round: number): boolean {
    return round !== this.round || this.stopped;
  }

  private async give(drainMs: number): Promise<void> {
    const { lanes } = this;
    const { commits, settings } = this.parts;
    this.drop();
    const over = Promise.all(lanes.map((lane) => lane.close())).then(() => true);
    const limit = new Promise<false>((resolve) => (this.hurry = () => resolve(false)));
    const timer = systemScheduler.after(drainMs, this.hurry);
    const inTime = await Promise.race([over, limit]);
    timer.cancel();
    if (!settings.atMostOnce) await commits.commit(lanes);
    for (const lane of lanes) lane.abandon();
    if (!inTime) this.logger.warn(`handlers were still busy after ${drainMs} ms: their records are given away`);
  }

  private drop(): void {
    this.round++;
    this.parts.reading.remove(this.lanes);
    this.lanes = [];
  }

  /** Where each partition begins: where the group stands, if the broker still has that. */
  private async starts(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]> {
    if (partitions.length === 0) return [];
    const { settings, admin: opened } = this.parts;
    const admin = await opened();
    const [earliest, latest, committed] = [
      await admin.offsets(partitions, 'earliest'),
      await admin.offsets(partitions, 'latest'),
      new Map((await admin.committed(settings.group, true)).map((o) => [partitionId(o.topic, o.partition), o.offset])),
    ];
    return partitions.map(({ topic, partition }, i) => {
      const [first, last] = [earliest[i] as number, latest[i] as number];
      const id = partitionId(topic, partition);
      const at = committed.get(id);
      const otherwise = settings.start === 'earliest' ? first : last;
      if (at !== undefined && (at < first || at > last))
        this.logger.warn(
          `group '${settings.group}' stands at offset ${at} of ${id}, which has ${first} to ${last}: records are lost to it; ` +
            `it goes on at ${otherwise} (start: '${settings.start}')`,
        );
      return { topic, partition, offset: at === undefined || at < first || at > last ? otherwise : at };
    });
  }
}
