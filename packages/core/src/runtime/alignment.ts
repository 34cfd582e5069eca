import type { WatermarkAlignment } from '../model/index.ts';
import type { Partition } from './partition.ts';
import type { SourceTask } from './source-task.ts';

interface Member {
  readonly partition: Partition;
  readonly alignment: WatermarkAlignment;
}

/**
 * Lets partitions of live sources wait for each other (R33): one that is more than `maxDrift` ahead of the slowest of its
 * group is not read until the group has caught up. Idle and ended partitions hold nobody back. The slowest one is never
 * paused, so somebody always moves.
 *
 * The group is looked at every so often, not after each record: a backlog is read at most `maxDrift` per look.
 */
export class Alignment {
  private readonly groups: ReadonlyMap<string, readonly Member[]>;
  private readonly everyMs: number;
  /** When the groups are looked at again, epoch ms; +Infinity: there are none. */
  nextLookMs: number;

  constructor(sources: readonly SourceTask[], nowMs: number) {
    const groups = new Map<string, Member[]>();
    let everyMs = Infinity;
    for (const source of sources) {
      const { alignment } = source;
      if (alignment === undefined) continue;
      everyMs = Math.min(everyMs, alignment.everyMs);
      const members = groups.get(alignment.group) ?? [];
      groups.set(alignment.group, members);
      for (const partition of source.partitions) members.push({ partition, alignment });
    }
    this.groups = groups;
    this.everyMs = everyMs;
    this.nextLookMs = nowMs + everyMs;
  }

  /** Pauses who is ahead and lets go who no longer is, if it is time to look. */
  look(nowMs: number): void {
    if (nowMs < this.nextLookMs) return;
    this.nextLookMs = nowMs + this.everyMs;
    for (const members of this.groups.values()) {
      let slowest = Infinity;
      for (const { partition } of members) {
        if (!partition.idle && !partition.ended) slowest = Math.min(slowest, partition.watermark);
      }
      for (const { partition, alignment } of members) {
        partition.paused = partition.watermark > slowest + alignment.maxDriftMs;
      }
    }
  }
}
