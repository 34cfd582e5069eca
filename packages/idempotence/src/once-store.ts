/**
 * Remembers which ids were processed. A store of one's own keeps these promises; the three that come with the package are
 * `memoryStore`, `redisStore` and `postgresStore`.
 *
 *   once(id) --not seen--> act --ok--> remembered for ttl: true
 *      |                    \--failed--> forgotten, and the error goes on: the next call acts again
 *      \--seen--> false, and act is not called
 *
 * Two calls with one id at the same time, of one process or of several: the second waits for the first, and acts only if that
 * has failed.
 */
export interface OnceStore<C> {
  /** For people. */
  readonly name: string;
  /**
   * `'exactly-once'`: the id is remembered in one transaction with what `act` does through its context. `'at-least-once'`: a crash
   * after `act` and before the id is remembered has it done again.
   */
  readonly guarantee: 'exactly-once' | 'at-least-once';
  /**
   * @param ttlMs for how long the id is remembered, milliseconds
   * @returns whether `act` was called
   */
  once(id: string, ttlMs: number, act: (context: C) => Promise<void>): Promise<boolean>;
}

/** What a handler is given by a store that has nothing to give. */
export type NoContext = Readonly<Record<never, never>>;
