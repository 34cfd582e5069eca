/** Longest turn: as long as that of a partition without limit. */
const TURN_RECORDS = 512;

/**
 * Whose turn it is among the partitions of a limited live source. A turn is so many records, however they come, so that all
 * partitions get the same share of what the limit allows. One that has to wait for the limit keeps its turn; one that has
 * nothing loses it.
 */
export class PartitionRound {
  /** Of the partition whose turn it is. */
  index = 0;
  /** Records left of its turn. */
  left = 1;
  /** Turns that were begun since other sources had theirs. */
  private turns = 0;

  spend(records: number): void {
    this.left -= records;
  }

  /**
   * The turn goes to another partition, or to the same one anew.
   *
   * @param records the most that may be read in one go, to be dealt to all partitions
   */
  begin(index: number, records: number, partitions: number): void {
    this.index = index % partitions;
    this.left = Math.min(TURN_RECORDS, Math.max(1, Math.floor(records / partitions)));
    this.turns++;
  }

  /** Whether it is for other sources now: every partition had its turn. If so, that is taken note of. */
  over(partitions: number): boolean {
    if (this.turns < partitions) return false;
    this.turns = 0;
    return true;
  }

  /** It is for others now: there is nothing to be read. */
  pass(): void {
    this.turns = 0;
  }
}
