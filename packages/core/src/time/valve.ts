import { optionError } from '../errors/index.ts';

/** What a valve lets through. */
export type ValveOutput = { readonly watermark: number } | { readonly status: 'idle' | 'active' };

interface Channel {
  watermark: number;
  idle: boolean;
  /** Whether it is part of the minimum: active, and not behind what was already let through. */
  aligned: boolean;
}

/**
 * Combines the channels of one input, such as the partitions of a repartition topic (R29, R31, R32).
 *
 * Other than the `Coalescer`, which combines the partitions of a source and the inputs of an operator: a channel that comes
 * back from idleness behind what was let through already does not hold the others back until it has caught up, and
 * watermarks of idle channels are ignored. When all are idle the highest watermark is let through, then the idle mark.
 */
export class Valve {
  private readonly channels: Channel[];
  private lastWatermark = -Infinity;
  private lastIdle = false;

  /** @throws {MillraceError} `OPTION_INVALID` unless there is at least one channel */
  constructor(channels: number) {
    if (!Number.isSafeInteger(channels) || channels <= 0) {
      throw optionError('channels of Valve', channels, 'a whole number above 0');
    }
    this.channels = Array.from({ length: channels }, () => ({ watermark: -Infinity, idle: false, aligned: true }));
  }

  /** A watermark of a channel. Returns what goes on because of it, in order. */
  watermark(channel: number, watermark: number): ValveOutput[] {
    const one = this.channels[channel] as Channel;
    if (this.lastIdle || one.idle || watermark <= one.watermark) return [];
    one.watermark = watermark;
    if (!one.aligned && watermark >= this.lastWatermark) one.aligned = true;
    return this.minimum();
  }

  /** A channel falls idle or becomes active again. Returns what goes on because of it, in order. */
  status(channel: number, status: 'idle' | 'active'): ValveOutput[] {
    const one = this.channels[channel] as Channel;
    if (one.idle === (status === 'idle')) return [];
    return status === 'idle' ? this.fallIdle(one) : this.comeBack(one);
  }

  private fallIdle(one: Channel): ValveOutput[] {
    one.idle = true;
    one.aligned = false;
    if (!this.channels.every((channel) => channel.idle)) return this.minimum();
    this.lastIdle = true;
    const highest = Math.max(...this.channels.map((channel) => channel.watermark));
    return [...this.letThrough(highest), { status: 'idle' }];
  }

  private comeBack(one: Channel): ValveOutput[] {
    one.idle = false;
    one.aligned = one.watermark >= this.lastWatermark;
    if (!this.lastIdle) return [];
    this.lastIdle = false;
    return [{ status: 'active' }];
  }

  private minimum(): ValveOutput[] {
    const aligned = this.channels.filter((channel) => channel.aligned);
    return aligned.length === 0 ? [] : this.letThrough(Math.min(...aligned.map((channel) => channel.watermark)));
  }

  private letThrough(watermark: number): ValveOutput[] {
    if (watermark <= this.lastWatermark) return [];
    this.lastWatermark = watermark;
    return [{ watermark }];
  }
}
