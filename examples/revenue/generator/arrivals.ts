import type { Random } from './random.ts';

/** The first order comes in here: 2026-01-05T08:00:00Z, a Monday. */
const START_MS = Date.UTC(2026, 0, 5, 8);

/** Mean time between two orders of a small input; sparser, and a small category would miss many windows. */
const GAP_MS_MAX = 500;

/** A large input is a busier day, not a longer one: the number of windows stays small. */
const SPAN_MS = 24 * 3_600_000;

/** The job's watermark trails by 5 s; what is delayed by less is never late. */
const DELAY_MS_ON_TIME = 4_900;
const DELAY_MS_USUAL = 400;

/** Delays that make orders late: from just beyond the bound to half an hour. */
const DELAY_MS_LATE_MIN = 5_000;
const DELAY_MS_LATE_SPAN = 1_800_000;

/** Per mille of the orders that were on their way for longer than the job waits. */
const LATE_PER_MILLE = 10;

/**
 * Event times in the order in which orders arrive: time goes on, each order was on its way for a while, so their event
 * times are out of order, mostly by less than 5 s, for a few by much more.
 */
export class Arrivals {
  private nowMs = START_MS;
  private readonly gapMs: number;
  private readonly random: Random;

  constructor(orders: number, random: Random) {
    this.gapMs = Math.min(GAP_MS_MAX, SPAN_MS / orders);
    this.random = random;
  }

  /** The event time of the next order. */
  next(): number {
    this.nowMs += this.gapMs * (this.random.below(2_001) / 1_000);
    return Math.floor(this.nowMs) - this.delayMs();
  }

  private delayMs(): number {
    const { random } = this;
    const kind = random.below(1_000);
    if (kind < LATE_PER_MILLE) return DELAY_MS_LATE_MIN + random.below(DELAY_MS_LATE_SPAN);
    return random.below(kind < 400 ? DELAY_MS_ON_TIME : DELAY_MS_USUAL);
  }
}
