import { messageOf, MillraceError, systemScheduler, type Cancellable, type Logger } from 'millrace';
import type { MemberDriver, PartitionOffset } from '../driver/driver.ts';
import { watched } from '../driver/watchdog.ts';
import type { Lane } from './lane.ts';

/** How long the coordinator may take, milliseconds. The next commit says all that this one would have. */
const COMMIT_MS = 20_000;
const AGAIN_MS = 100;
/** The group has gone on, or is about to: unknown member, old generation, another round. */
const GONE_ON = new Set([22, 25, 27]);
/** Another member has this one's `instance`. */
const FENCED = 82;

/** Commits what is done, one commit after the other. */
export class Commits {
  private readonly logger: Logger;
  private readonly everyMs: number;
  private readonly lanes: () => readonly Lane[];
  private readonly fail: (error: Error) => void;
  private member: MemberDriver | undefined;
  private timer: Cancellable | undefined;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param lanes what is committed now and then
   * @param fail ends the consumer
   */
  constructor(logger: Logger, everyMs: number, lanes: () => readonly Lane[], fail: (error: Error) => void) {
    this.logger = logger;
    this.everyMs = everyMs;
    this.lanes = lanes;
    this.fail = fail;
  }

  /** @param byItself whether what is done is committed now and then */
  begin(member: MemberDriver, byItself: boolean): void {
    this.member = member;
    if (byItself) this.later();
  }

  end(): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.member = undefined;
  }

  /** Commits what lanes have done since their last commit. Never rejects: what is not committed is done again. */
  commit(lanes: readonly Lane[]): Promise<void> {
    return this.inTurn(async () => {
      const moved = lanes.filter((lane) => lane.offsets.committable > lane.committed);
      const offsets = moved.map(({ topic, partition, offsets: { committable } }) => ({
        topic,
        partition,
        offset: committable,
      }));
      try {
        await this.send(offsets);
        moved.forEach((lane, i) => (lane.committed = offsets[i]?.offset ?? lane.committed));
      } catch (error) {
        if (this.isFenced(error)) return;
        const level = hasGoneOn(error) ? 'info' : 'warn';
        this.logger[level](`what was done is not committed yet, and may be done again: ${messageOf(error)}`);
      }
    });
  }

  /**
   * Commits offsets whatever it takes.
   *
   * @returns `false` if the group has gone on without this member, or `given` says that it is of no use any more
   */
  insist(offsets: readonly PartitionOffset[], given: () => boolean): Promise<boolean> {
    return this.inTurn(async () => {
      while (!given()) {
        try {
          await this.send(offsets);
          return true;
        } catch (error) {
          if (hasGoneOn(error) || this.isFenced(error)) return false;
          if (error instanceof MillraceError && !error.retryable) throw error;
          this.logger.warn(`records wait for a commit: ${messageOf(error)}`);
          await new Promise<void>((resolve) => systemScheduler.after(AGAIN_MS, resolve));
        }
      }
      return false;
    });
  }

  private async send(offsets: readonly PartitionOffset[]): Promise<void> {
    const { member } = this;
    if (member === undefined || offsets.length === 0) return;
    await watched('committing offsets', systemScheduler, member.commit(offsets), COMMIT_MS);
  }

  private later(): void {
    this.timer = systemScheduler.after(this.everyMs, () => {
      void this.commit(this.lanes()).then(() => {
        if (this.timer !== undefined) this.later();
      });
    });
  }

  private isFenced(error: unknown): boolean {
    if (codeOf(error) !== FENCED) return false;
    this.fail(placeTaken(error));
    return true;
  }

  private inTurn<R>(act: () => Promise<R>): Promise<R> {
    const turn = this.last.then(act);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

export function placeTaken(cause: unknown): MillraceError {
  const message =
    'another consumer has joined the group with the same instance, and taken the place of this one. Give each an instance of its own.';
  return new MillraceError('CHECKPOINT_FENCED', { message, cause });
}

function hasGoneOn(error: unknown): boolean {
  return GONE_ON.has(codeOf(error));
}

function codeOf(error: unknown): number {
  return error instanceof MillraceError ? Number(error.fields['kafka']) : NaN;
}
