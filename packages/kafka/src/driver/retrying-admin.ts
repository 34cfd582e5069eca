import { MillraceError, type Scheduler } from 'millrace';
import type { AdminDriver } from './driver.ts';
import { CALL_MS, watched } from './watchdog.ts';

/**
 * Answers of brokers that pass by themselves: no leader yet, no longer the leader, coordinator not there yet, loading or moved,
 * controller moved, a transaction being decided. Numbers are those of the protocol.
 */
const PASSING = new Set([5, 6, 7, 14, 15, 16, 41, 88]);
const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 1_000;

/** An admin client that asks again while the cluster is only not ready yet, and that never hangs. */
export function retryingAdmin(admin: AdminDriver, scheduler: Scheduler, limitMs: number = CALL_MS): AdminDriver {
  const again = async <R>(step: string, act: () => Promise<R>): Promise<R> => {
    let called = false;
    const trying = async (): Promise<R> => {
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LAST_DELAY_MS)) {
        try {
          return await act();
        } catch (error) {
          const code = error instanceof MillraceError ? error.fields['kafka'] : undefined;
          if (called || typeof code !== 'number' || !PASSING.has(code)) throw error;
        }
        await new Promise<void>((resolve) => scheduler.after(delayMs, resolve));
      }
    };
    try {
      return await watched(step, scheduler, trying(), limitMs);
    } finally {
      called = true;
    }
  };
  return {
    topics: (names) => again('describing topics', () => admin.topics(names)),
    topicNames: () => again('listing topics', () => admin.topicNames()),
    createTopics: (topics) => again('creating topics', () => admin.createTopics(topics)),
    offsets: (partitions, query) => again('asking for offsets', () => admin.offsets(partitions, query)),
    members: (group) => again('asking for the members of the group', () => admin.members(group)),
    committed: (group, stable) => again('reading committed offsets', () => admin.committed(group, stable)),
    close: () => admin.close(),
  };
}
