import { checkOptions, optionError } from 'millrace';
import { LRUCache } from 'lru-cache';
import type { NoContext, OnceStore } from './once-store.ts';

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** Ids that are remembered; of more the oldest are forgotten. Some 150 bytes each. Default 100,000. */
  readonly max?: number;
}

const WHERE = 'memoryStore()';
const MAX = 100_000;

/**
 * Remembers ids in this process: at-least-once. It keeps out what comes twice while the process runs; after a restart, in another
 * process, and beyond `max` ids, a record is done again.
 *
 * @throws {MillraceError} `OPTION_INVALID`
 * @example
 * const once = processedOnce({ id: (order: Order) => order.id, store: memoryStore({ max: 1_000_000 }), ttl: '1h' });
 */
export function memoryStore(options: MemoryStoreOptions = {}): OnceStore<NoContext> {
  checkOptions(WHERE, options, ['max']);
  const { max = MAX } = options;
  if (!Number.isSafeInteger(max) || max < 1) throw optionError(`max of ${WHERE}`, max, 'a whole number from 1 on');
  const done = new LRUCache<string, true>({ max });
  const running = new Map<string, Promise<void>>();
  return Object.freeze({
    name: 'memory',
    guarantee: 'at-least-once' as const,
    async once(id: string, ttlMs: number, act: (context: NoContext) => Promise<void>): Promise<boolean> {
      for (let other = running.get(id); other !== undefined; other = running.get(id))
        await other.catch(() => undefined);
      if (done.has(id)) return false;
      const acting = act({});
      running.set(id, acting);
      try {
        await acting;
        done.set(id, true, { ttl: ttlMs });
        return true;
      } finally {
        running.delete(id);
      }
    },
  });
}
