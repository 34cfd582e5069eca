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

/**
 * Finds the owners whose timers are due, in the order of time. Only an index: the timers themselves are state of their
 * owners, and the index is built anew from them after a restore.
 *
 * An owner stands in the heap once, at or before its earliest timer. So a timer that moves on, as a session's does with
 * every record, costs nothing here: when the heap comes to it, the owner is put back at its new time.
 */
export class TimerIndex<O extends TimerOwner> {
  private readonly heap = new MinHeap<O>();

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
    this.heap.push(earliest, owner);
  }

  /**
   * Removes and returns an owner whose earliest timer is at or below `untilMs`, the earliest first, ties in order of
   * arming. Whoever takes it fires one timer, removes it from the owner and arms the owner again.
   */
  takeDue(untilMs: number): O | undefined {
    this.settle();
    const owner = this.heap.peek();
    if (owner === undefined || this.heap.minimum > untilMs) return undefined;
    this.heap.pop();
    owner.armedAt = Infinity;
    return owner;
  }

  /** Brings the top up to date: the owner may have been armed earlier since, or its timers have moved on or gone. */
  private settle(): void {
    for (;;) {
      const owner = this.heap.peek();
      if (owner === undefined) return;
      const time = this.heap.minimum;
      if (owner.armedAt === time && owner.earliest === time) return;
      this.heap.pop();
      if (owner.armedAt !== time) continue;
      owner.armedAt = Infinity;
      this.arm(owner);
    }
  }
}
