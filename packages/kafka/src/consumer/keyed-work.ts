import pLimit from 'p-limit';

/**
 * Work by key: of one key one after the other, of different keys at once, at most `concurrency` at a time. Work that waits for its next
 * attempt holds its key, and nothing else.
 */
export class KeyedWork {
  private readonly last = new Map<string, Promise<void>>();
  private readonly limit: ReturnType<typeof pLimit>;

  constructor(concurrency: number) {
    this.limit = pLimit(concurrency);
  }

  /**
   * Begins `work` when all that was added for its key before is over; at once without key. It must not reject, and takes a slot for
   * each of its attempts.
   */
  add(key: string | undefined, work: () => Promise<void>): void {
    if (key === undefined) return void work();
    const before = this.last.get(key);
    const done = before === undefined ? work() : before.then(work);
    this.last.set(key, done);
    void done.then(() => {
      if (this.last.get(key) === done) this.last.delete(key);
    });
  }

  /** Runs `act` when one of the slots is free. */
  inSlot<R>(act: () => Promise<R>): Promise<R> {
    return this.limit(act);
  }
}
