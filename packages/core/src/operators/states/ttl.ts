import { durationMs } from '../../internal/duration.ts';
import type { StateTtl } from '../../model/index.ts';

/** The clocks as states see them; live. */
export interface StateTime {
  readonly watermark: number;
  readonly processingTime: number;
  /** Event time of what is being processed: of the record or the timer, and not below the watermark. */
  readonly eventTime: number;
}

/** Something that lives for a while: a value and when it was last renewed. */
export type Living<T> = [value: T, renewedAtMs: number];

/**
 * Decides what has expired. A value is gone once `renewed + after` has been reached by its clock. As long as there is no
 * event time nothing is.
 */
export class Ttl {
  /** Whether reading renews. */
  readonly renewedByReading: boolean;
  private readonly afterMs: number;
  private readonly byEvents: boolean;
  private readonly time: StateTime;

  constructor(ttl: StateTtl, time: StateTime) {
    this.afterMs = durationMs(ttl.after, 'ttl.after');
    this.byEvents = ttl.time === 'event';
    this.renewedByReading = ttl.renewedBy === 'readAndWrite';
    this.time = time;
  }

  /** `value` as if it were written now. */
  born<T>(value: T): Living<T> {
    return [value, this.now];
  }

  expired(living: Living<unknown>): boolean {
    const now = this.byEvents ? this.time.watermark : this.time.processingTime;
    return now > -Infinity && living[1] + this.afterMs <= now;
  }

  /** To be called after `edit`, when a live value was read. */
  renew(living: Living<unknown>): void {
    living[1] = Math.max(living[1], this.now);
  }

  /** When a value written now is renewed: event time never falls behind the watermark by which it is judged. */
  private get now(): number {
    return this.byEvents ? this.time.eventTime : this.time.processingTime;
  }
}
