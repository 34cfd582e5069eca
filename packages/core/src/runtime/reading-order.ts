import type { Partition } from './partition.ts';
import type { SourcePoll, SourceTask } from './source-task.ts';

/** Something that is asked for a batch in its turn: a partition, or all of a limited live source. */
interface Lane {
  readonly source: SourceTask;
  readonly partition: Partition | undefined;
}

/** What came of looking for the next batch. */
export type ReadOutcome =
  | { readonly kind: 'batch'; readonly source: SourceTask }
  /** Event time of a source must be raised: a partition ended or fell idle. */
  | { readonly kind: 'time'; readonly source: SourceTask }
  | { readonly kind: 'waiting'; readonly retryInMs: number }
  | { readonly kind: 'ended' };

/**
 * Decides which partition is read next.
 *
 * Bounded partitions of all sources take turns of 512 records: the next turn goes to the open partition with the lowest
 * watermark, ties to the one declared first. A partition whose data is not there yet is waited for, so the order is a
 * function of the data, at any speed. Live partitions are read round robin, and take turns with the bounded ones.
 *
 * A live source with a rate limit has its turn as a whole, and within it each of its partitions: whoever comes first when
 * there is something to spend would else be the same one each time.
 */
export class ReadingOrder {
  private readonly bounded: readonly SourceTask[];
  private readonly liveSources: readonly SourceTask[];
  private live: readonly Lane[];
  private turn: { readonly source: SourceTask; readonly partition: Partition } | undefined;
  private nextLane = 0;

  constructor(sources: readonly SourceTask[]) {
    this.bounded = sources.filter((source) => source.bounded);
    this.liveSources = sources.filter((source) => !source.bounded);
    this.live = this.liveLanes();
  }

  next(): ReadOutcome {
    for (const source of this.liveSources) if (source.takeNewPartitions()) this.live = this.liveLanes();
    const lanes = this.live.length + 1;
    let retryInMs = Infinity;
    let open = false;
    for (let i = 0; i < lanes; i++) {
      const lane = (this.nextLane + i) % lanes;
      const choice = lane === this.live.length ? this.boundedChoice() : this.live[lane];
      if (choice === undefined || choice.partition?.ended === true) continue;
      open = true;
      if (choice.partition?.paused === true) continue;
      const { source, partition } = choice;
      const outcome = partition === undefined ? pollInTurn(source) : source.poll(partition);
      if (outcome === 'throttled') retryInMs = Math.min(retryInMs, source.rateLimiter?.waitMs ?? Infinity);
      if (outcome === 'throttled' || outcome === 'pending') retryInMs = Math.min(retryInMs, source.idleAfterMs / 4);
      if (outcome === 'ended') this.turn = undefined;
      if (outcome === 'batch' || outcome === 'ended' || source.raiseTo !== undefined) {
        const stays = partition === undefined && outcome === 'batch' && !source.round.over(source.partitions.length);
        this.nextLane = stays ? lane : (lane + 1) % lanes;
        return { kind: outcome === 'batch' ? 'batch' : 'time', source };
      }
    }
    return open ? { kind: 'waiting', retryInMs } : { kind: 'ended' };
  }

  private liveLanes(): readonly Lane[] {
    return this.liveSources.flatMap((source): readonly Lane[] =>
      source.rateLimiter === undefined
        ? source.partitions.map((partition) => ({ source, partition }))
        : [{ source, partition: undefined }],
    );
  }

  /** The partition whose turn it is; a turn is over when its count was filled up again. */
  private boundedChoice(): { readonly source: SourceTask; readonly partition: Partition } | undefined {
    if (this.turn !== undefined && !this.turn.partition.atTurnStart) return this.turn;
    this.turn = this.underway() ?? this.lowest();
    return this.turn;
  }

  /** After a restore: the partition that was in the middle of its turn. */
  private underway(): { readonly source: SourceTask; readonly partition: Partition } | undefined {
    for (const source of this.bounded) {
      const partition = source.partitions.find((candidate) => !candidate.ended && !candidate.atTurnStart);
      if (partition !== undefined) return { source, partition };
    }
    return undefined;
  }

  private lowest(): { readonly source: SourceTask; readonly partition: Partition } | undefined {
    let best: { readonly source: SourceTask; readonly partition: Partition } | undefined;
    for (const source of this.bounded) {
      for (const partition of source.partitions) {
        if (!partition.ended && (best === undefined || partition.watermark < best.partition.watermark))
          best = { source, partition };
      }
    }
    return best;
  }
}

/** Asks the partitions of a limited live source in their turns. */
function pollInTurn(source: SourceTask): SourcePoll {
  const { partitions, round, rateLimiter } = source;
  const first = round.index;
  for (let i = 0; i < partitions.length; i++) {
    const index = (first + i) % partitions.length;
    const partition = partitions[index] as Partition;
    const burst = rateLimiter?.burstRecords ?? 1;
    if (index !== round.index) round.begin(index, burst, partitions.length);
    if (partition.paused || partition.ended) continue;
    const outcome = source.poll(partition);
    if (outcome === 'throttled') {
      round.pass();
      return outcome;
    }
    if (outcome === 'pending' && source.raiseTo === undefined) continue;
    if (outcome !== 'batch' || round.left <= 0) round.begin(index + 1, burst, partitions.length);
    return outcome;
  }
  round.pass();
  return 'pending';
}
