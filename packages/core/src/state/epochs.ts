/**
 * Which changes belong to the next checkpoint. Every entry bears the mark of the epoch in which it was last changed; the
 * first change in an epoch (`entry mark !== mark`) is noted in a list, all further ones cost one comparison.
 *
 *   mark 1: changes ... | cut: mark becomes 2; what bears 1 is walked and loses its mark | changes bear 2 ... | cut ...
 *
 * Two marks are enough: a cut is walked to its end before the next one.
 */
export class Epochs {
  /** 1 or 2; 0: nothing is tracked. */
  mark: number;

  constructor(tracking: boolean) {
    this.mark = tracking ? 1 : 0;
  }

  get tracking(): boolean {
    return this.mark !== 0;
  }

  next(): void {
    this.mark = 3 - this.mark;
  }
}

/** For rows that are no state. */
export const UNTRACKED = new Epochs(false);

/** Mark of what has not been changed since it was last written. */
export const CLEAN = 0;
