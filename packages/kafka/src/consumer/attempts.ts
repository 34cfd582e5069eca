import { messageOf, MillraceError, type OriginalRecord } from 'millrace';
import pRetry, { AbortError } from 'p-retry';
import type { ConsumedRecord, ConsumerHandler } from './consumed-record.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { KeyedWork } from './keyed-work.ts';
import type { Lane } from './lane.ts';
import type { Rejection } from './letters.ts';
import type { TakenOffset } from './unfinished-offsets.ts';

/** A record that was taken. */
export interface Task {
  readonly lane: Lane;
  readonly taken: TakenOffset;
  readonly bytes: number;
  readonly original: OriginalRecord;
}

/** What its bytes mean. */
export interface Decoded {
  readonly key: unknown;
  readonly value: unknown;
}

/** What attempts are made with. */
export interface AttemptParts {
  readonly settings: ConsumerSettings;
  readonly work: KeyedWork;
  readonly handler: ConsumerHandler<unknown, unknown>;
  readonly writeLetter: (rejection: Rejection) => Promise<void>;
  /** A record was finished: there may be room for others. */
  readonly finished: (lane: Lane) => void;
  /** Ends the consumer. */
  readonly fail: (error: Error) => void;
}

/** Operator that a letter names when the handler has failed. */
const HANDLER = 'handler';

/**
 * A record on its way through the handler:
 *
 *   slot --> attempt --ok--> finished
 *    ^         \--failed--> wait (without a slot) --> slot
 *                \--failed the last time--> letter, skip, or the end of the consumer
 */
export class Attempts {
  private readonly parts: AttemptParts;

  constructor(parts: AttemptParts) {
    this.parts = parts;
  }

  /** Never rejects. */
  async process(task: Task, decoded: Decoded): Promise<void> {
    const { settings, work } = this.parts;
    const { lane } = task;
    const { attempts, backoff } = settings;
    if (!lane.mayBegin(task.taken.offset)) return;
    try {
      await pRetry((attempt) => work.inSlot(() => this.attempt(task, decoded, attempt)), {
        retries: attempts - 1,
        minTimeout: backoff.minMs,
        maxTimeout: backoff.maxMs,
        factor: backoff.factor,
        randomize: backoff.jitter,
        signal: lane.abandoned,
      });
    } catch {
      // Given up already, or its partition is no longer ours: whoever has it now begins with this record.
    }
  }

  /** A record that nobody can read. Never rejects. */
  async poison({ lane, ...task }: Task, error: unknown): Promise<void> {
    if (!lane.mayBegin(task.taken.offset)) return;
    await lane.while(() => this.giveUp({ lane, ...task }, { error, operator: undefined, attempts: 0 }));
  }

  private async attempt(task: Task, decoded: Decoded, attempt: number): Promise<void> {
    const { handler, settings } = this.parts;
    const { lane, taken } = task;
    if (!lane.mayBegin(taken.offset)) throw new AbortError('the partition is given away');
    lane.begin(taken.offset);
    await lane.while(async () => {
      try {
        await handler(recordOf(task, decoded, attempt));
      } catch (error) {
        // Most likely because it was aborted. Whoever has the partition now does the record again, unless it counts as done.
        if (lane.abandoned.aborted && !settings.atMostOnce) throw new AbortError('the partition is given away');
        if (attempt >= settings.attempts) return this.giveUp(task, { error, operator: HANDLER, attempts: attempt });
        settings.logger.warn(
          `attempt ${attempt} of ${settings.attempts} at ${placeOf(task)} failed: ${messageOf(error)}`,
        );
        // Never the error itself: a TypeError would not be tried again.
        throw new Error('failed attempt', { cause: error });
      }
      this.finish(task);
    });
  }

  private async giveUp(task: Task, why: Omit<Rejection, 'original'>): Promise<void> {
    const { settings, writeLetter, fail } = this.parts;
    const { original } = task;
    const what = why.operator === undefined ? 'cannot be decoded' : `has failed ${why.attempts} times`;
    const message = `${placeOf(task)} ${what}: ${messageOf(why.error)}`;
    switch (settings.onError) {
      case 'fail':
        return fail(failure(message, task, why, settings.group));
      case 'skip':
        settings.logger.warn(`${message}; it is skipped`);
        return this.finish(task);
      case 'dead-letter':
        try {
          await writeLetter({ original, ...why });
        } catch (error) {
          return fail(error as Error);
        }
        settings.logger.warn(`${message}; it is a dead letter now`);
        return this.finish(task);
    }
  }

  private finish({ lane, taken, bytes }: Task): void {
    lane.finish(taken, bytes);
    this.parts.finished(lane);
  }
}

function recordOf(
  { original, lane }: Task,
  { key, value }: Decoded,
  attempt: number,
): ConsumedRecord<unknown, unknown> {
  const { topic, partition, offset, timestamp, headers } = original;
  return { topic, partition, offset, timestamp, key, value, headers, attempt, signal: lane.abandoned };
}

function placeOf({ original: { topic, partition, offset } }: Task): string {
  return `${topic}-${partition} offset ${offset}`;
}

function failure(message: string, task: Task, { error, operator }: Omit<Rejection, 'original'>, group: string): Error {
  const { topic, partition, offset } = task.original;
  const code =
    error instanceof MillraceError ? error.code : operator === undefined ? 'RECORD_MALFORMED' : 'USER_FUNCTION';
  return new MillraceError(code, {
    message: `Consumer of group '${group}': ${message}. onError: 'dead-letter' goes on without such records.`,
    fields: { group, topic, partition, offset },
    cause: error,
  });
}
