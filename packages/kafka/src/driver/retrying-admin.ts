import { MillraceError, type Scheduler } from 'millrace';
import type { AdminDriver, TopicSettings } from './driver.ts';
import { CALL_MS, watched } from './watchdog.ts';

/**
 * Answers of brokers that pass by themselves: no leader yet, no longer the leader, coordinator not there yet, loading or moved,
 * controller moved, a transaction being decided. Numbers are those of the protocol.
 */
const PASSING = new Set([5, 6, 7, 14, 15, 16, 41, 88]);
/** Unstable offsets: a transaction has not ended for this group yet. */
const UNSTABLE = 88;
const FIRST_DELAY_MS = 50;
const LAST_DELAY_MS = 1_000;

/**
 * An admin client that asks again while the cluster is only not ready yet, and that never hangs: its calls reject with `IO_FAILED`,
 * retryable, after `limitMs` (milliseconds), and say what the last answer was.
 */
export function retryingAdmin(admin: AdminDriver, scheduler: Scheduler, limitMs: number = CALL_MS): AdminDriver {
  const again = async <R>(step: string, act: () => Promise<R>): Promise<R> => {
    let called = false;
    let last: MillraceError | undefined;
    const trying = async (): Promise<R> => {
      for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(2 * delayMs, LAST_DELAY_MS)) {
        try {
          return await act();
        } catch (error) {
          if (called || !isPassing(error)) throw error;
          last = error;
        }
        await new Promise<void>((resolve) => scheduler.after(delayMs, resolve));
      }
    };
    try {
      return await watched(step, scheduler, trying(), limitMs);
    } catch (error) {
      throw last !== undefined && isWatchdog(error) ? notReady(error, last) : error;
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
    ...(admin.topicSettings === undefined
      ? {}
      : { topicSettings: (names) => again('reading settings of topics', () => settingsOf(admin, names)) }),
    close: () => admin.close(),
  };
}

function settingsOf(admin: AdminDriver, names: readonly string[]): Promise<readonly TopicSettings[]> {
  return admin.topicSettings?.(names) ?? Promise.resolve([]);
}

function isPassing(error: unknown): error is MillraceError {
  if (!(error instanceof MillraceError)) return false;
  const code = error.fields['kafka'];
  return typeof code === 'number' && PASSING.has(code);
}

function isWatchdog(error: unknown): error is MillraceError {
  return error instanceof MillraceError && error.fields['watchdog'] === true;
}

function notReady(error: MillraceError, last: MillraceError): MillraceError {
  const hanging =
    last.fields['kafka'] === UNSTABLE
      ? ' A transaction that never ends there is one that the brokers have lost sight of: kafka-transactions.sh find-hanging names it ' +
        '(operations page, "A transaction that hangs").'
      : '';
  return new MillraceError('IO_FAILED', {
    message: `${error.message} The last answer was: ${last.message}${hanging}`,
    fields: { ...error.fields, ...last.fields },
    retryable: true,
    cause: last,
  });
}
