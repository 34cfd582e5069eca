/** A record that was taken and may not be done yet. */
export interface TakenOffset {
  readonly offset: number;
  done: boolean;
}

/**
 * Offsets of one partition that were taken and are not all done, in their order. Records of different keys are done in any order;
 * what may be committed is the lowest offset that is not:
 *
 *   taken   10  11  12  13
 *   done     x       x        committable: 11
 */
export class UnfinishedOffsets {
  private taken: TakenOffset[] = [];
  private head = 0;
  private upTo: number;

  /** @param start offset of the first record that will be taken, or one before it */
  constructor(start: number) {
    this.upTo = start;
  }

  /** Offset of the first record that is not done: a group that goes on here misses nothing. */
  get committable(): number {
    return this.taken[this.head]?.offset ?? this.upTo;
  }

  /** Offset behind the last record taken. */
  get next(): number {
    return this.upTo;
  }

  /** Records from the first that is not done on, done ones among them: so many are read again after a crash. */
  get span(): number {
    return this.taken.length - this.head;
  }

  take(offset: number): TakenOffset {
    const one = { offset, done: false };
    this.taken.push(one);
    this.upTo = offset + 1;
    return one;
  }

  /** There is no record between those taken and this offset. */
  reachedEnd(offset: number): void {
    this.upTo = Math.max(this.upTo, offset);
  }

  finish(one: TakenOffset): void {
    one.done = true;
    while (this.taken[this.head]?.done === true) this.head++;
    // Moved rarely, so that it costs next to nothing for each record.
    if (this.head > 1_024 && this.head * 2 > this.taken.length) {
      this.taken = this.taken.slice(this.head);
      this.head = 0;
    }
  }
}
