import type { Position, WatermarkGenerator } from '../model/index.ts';

/** Records read from a bounded partition before the order of reading is decided again. */
export const TURN_RECORDS = 512;

/** What the runtime knows of one source partition. */
export class Partition {
  readonly index: number;
  readonly id: string;
  readonly generator: WatermarkGenerator<unknown> | undefined;
  /** Highest watermark of the generator. */
  watermark = -Infinity;
  highestTimestamp = -Infinity;
  idle = false;
  /** Too far ahead of others in its group: not read for now (R33). */
  paused = false;
  ended = false;
  /** Position to go on from: everything before it was processed. */
  position: Position | undefined;
  /** Records left of its turn. Turns end at the same records however small the batches are, so that order is a function of the data. */
  turnLeft = TURN_RECORDS;
  /** Wall-clock time of the first of the consecutive empty polls, and of the last. */
  emptySince: number | undefined;
  lastPoll: number | undefined;

  constructor(index: number, id: string, generator: WatermarkGenerator<unknown> | undefined) {
    this.index = index;
    this.id = id;
    this.generator = generator;
  }

  get atTurnStart(): boolean {
    return this.turnLeft === TURN_RECORDS;
  }

  /** Takes `records` off the turn; the next one begins when it is used up. */
  spendTurn(records: number): void {
    this.turnLeft -= records;
    if (this.turnLeft <= 0) this.turnLeft = TURN_RECORDS;
  }

  polledData(): void {
    this.emptySince = undefined;
    this.lastPoll = undefined;
  }

  /**
   * Notes an empty poll and says whether the partition has been empty for longer than `idleAfterMs` by now. Polls count
   * only while they follow each other: a process that was paused has not polled, so a pause makes nothing idle.
   */
  polledNothing(nowMs: number, caughtUp: boolean, idleAfterMs: number): boolean {
    const consecutive = this.lastPoll !== undefined && nowMs - this.lastPoll <= idleAfterMs / 2;
    if (!caughtUp) this.emptySince = undefined;
    else if (this.emptySince === undefined || !consecutive) this.emptySince = nowMs;
    this.lastPoll = nowMs;
    return this.emptySince !== undefined && nowMs - this.emptySince > idleAfterMs;
  }
}
