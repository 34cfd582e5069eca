import { MillraceError } from 'millrace';
import type { GroupOffset, PartitionOffset } from '../driver/driver.ts';
import { partitionId } from '../driver/topic-partition.ts';

/**
 * Where the sources of a life go on, by their checkpoint, held against what the group says: both were written in one
 * transaction, so that a difference is the work of a tool.
 */
export class RestoredOffsets {
  private readonly group: string;
  private committed: readonly GroupOffset[] = [];
  private readonly restored = new Map<string, Set<number>>();

  constructor(group: string) {
    this.group = group;
  }

  /** What the group had committed when the life began. */
  begin(committed: readonly GroupOffset[]): void {
    this.committed = committed;
    this.restored.clear();
  }

  /** A source goes on there; several may read one partition, and the group has the offset of one of them. */
  add(positions: readonly PartitionOffset[]): void {
    for (const { topic, partition, offset } of positions) {
      const id = partitionId(topic, partition);
      const offsets = this.restored.get(id) ?? new Set();
      this.restored.set(id, offsets.add(offset));
    }
  }

  /**
   * Offsets that the group has not are no difference: they expire.
   *
   * @throws MillraceError `STATE_MISMATCH`
   */
  check(): void {
    for (const { topic, partition, offset } of this.committed) {
      const id = partitionId(topic, partition);
      const restored = this.restored.get(id);
      if (restored === undefined || restored.has(offset)) continue;
      throw new MillraceError('STATE_MISMATCH', {
        message:
          `Group '${this.group}' stands at offset ${offset} of ${id}, but the job's last commit left it at ${[...restored].join(', ')}: ` +
          "it was moved by hand. State and watermarks cannot follow. Move it back, or start over: fresh: true, with start: 'committed' " +
          'in kafka.topic() to begin where the group stands.',
        fields: { group: this.group, partition: id, offset },
      });
    }
  }
}
