import { MinHeap } from '../internal/heap.ts';

/**
 * Time of a timer that waits for the end of the stream: above every timestamp, below the final watermark of +Infinity,
 * and not the +Infinity that means "no timer".
 */
export const END_OF_TIME = Number.MAX_VALUE;

/** Something that has timers: a key, or a window of a key. It keeps them itself, as part of its state. */
export interface TimerOwner {
  /** Its earliest timer; +Infinity: it has none. */
  readonly earliest: number;
  /** For the index alone: the time under which the owner stands in it; +Infinity: it does not. */
  armedAt: number;
}

/** Owners that are armed at one time, in the order of arming; those before `next` are dealt with. */
interface Bucket<O> {
  readonly owners: O[];
  next: number;
}

/**
 * Finds the owners whose timers are due, in the order of time. Only an index: the timers themselves are state of their
 * owners, and the index is built anew from them after a restore.
 *
 * An owner stands in the index once, at or before its earliest timer. So a timer that moves on, as a session's does with
 * every record, costs nothing here: when its old time comes, the owner is put where it belongs now. Timers of many keys
 * fall on the same milliseconds: the heap holds times, and each time its owners.
 */
export class TimerIndex<O extends TimerOwner> {
  private readonly heap = new MinHeap<Bucket<O>>();
  private readonly buckets = new Map<number, Bucket<O>>();

  /** The earliest timer of all owners, or +Infinity. */
  get earliest(): number {
    this.settle();
    return this.heap.minimum;
  }

  /** To be called after timers of `owner` were added. Removing needs no call. */
  arm(owner: O): void {
    const { earliest } = owner;
    if (earliest >= owner.armedAt) return;
    owner.armedAt = earliest;
    const bucket = this.buckets.get(earliest);
    if (bucket !== undefined) {
      bucket.owners.push(owner);
      return;
    }
    const opened = { owners: [owner], next: 0 };
    this.buckets.set(earliest, opened);
    this.heap.push(earliest, opened);
  }

  /**
   * Removes and returns an owner whose earliest timer is at or below `untilMs`, the earliest first, ties in order of
   * arming. Whoever takes it fires one timer, removes it from the owner and arms the owner again.
   */
  takeDue(untilMs: number): O | undefined {
    const bucket = this.settle();
    if (bucket === undefined || this.heap.minimum > untilMs) return undefined;
    const owner = bucket.owners[bucket.next++] as O;
    owner.armedAt = Infinity;
    return owner;
  }

  /** Brings the top up to date: an owner may have been armed earlier since, or its timers have moved on or gone. */
  private settle(): Bucket<O> | undefined {
    for (;;) {
      const bucket = this.heap.peek();
      if (bucket === undefined) return undefined;
      const time = this.heap.minimum;
      for (; bucket.next < bucket.owners.length; bucket.next++) {
        const owner = bucket.owners[bucket.next] as O;
        if (owner.armedAt !== time) continue;
        if (owner.earliest === time) return bucket;
        owner.armedAt = Infinity;
        this.arm(owner);
      }
      this.heap.pop();
      this.buckets.delete(time);
    }
  }
}
