import type { Clock } from '../../model/index.ts';
import type { StateTime } from './ttl.ts';

/**
 * The clocks by which the states of a function live. Event time is the watermark, but while timers of event time
 * fire it is the time of the timer: so what a timer finds does not depend on how far the watermark jumped over it. The end
 * of the stream, a watermark of +Infinity, lets nothing expire. Never goes back.
 */
export class StateClock implements StateTime {
  watermark = -Infinity;
  eventTime = -Infinity;
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get processingTime(): number {
    return this.clock.now();
  }

  /** A record is processed, or a timer of processing time fires (`timestampMs` NaN). */
  atWatermark(watermark: number, timestampMs: number): void {
    this.raise(watermark);
    this.eventTime = timestampMs > this.watermark && timestampMs < Infinity ? timestampMs : this.watermark;
  }

  /** A timer of event time fires. @param passed the watermark before the one with which it fires */
  atTimer(timeMs: number, passed: number): void {
    this.raise(passed);
    this.raise(timeMs);
    this.eventTime = this.watermark;
  }

  private raise(timeMs: number): void {
    if (timeMs > this.watermark && timeMs < Infinity) this.watermark = timeMs;
  }
}
