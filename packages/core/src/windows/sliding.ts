import type { Duration } from '../internal/duration.ts';
import type { AlignedWindows, EventTimeWindows, UntimedWindows } from '../model/index.ts';
import { alignedWindows, type AlignedOptions } from './aligned.ts';

/**
 * Windows of one length that begin every `slide`: a record belongs to all that hold its timestamp (R4). `size` need not be
 * a multiple of `slide`; a slide longer than the size leaves gaps, whose records belong to no window.
 *
 * @param size length of a window, above zero
 * @param slide time from the start of a window to that of the next, above zero
 * @throws {MillraceError} `OPTION_INVALID` unless both are above 0 and `|offset| < slide`
 * @example
 * // the last 10 minutes, every minute
 * readings.keyBy((r) => r.sensor).window(sliding('10m', '1m')).aggregate({ mean: avg((r) => r.value) });
 */
export function sliding(
  size: Duration,
  slide: Duration,
  options: AlignedOptions = {},
): AlignedWindows & EventTimeWindows<unknown> {
  return alignedWindows({ of: 'sliding', kind: 'sliding', time: 'event', size, slide, options });
}

/**
 * Sliding windows by the clock; see `sliding` and `tumblingProcessingTime`.
 *
 * @throws {MillraceError} `OPTION_INVALID` as `sliding` does
 * @example
 * clicks.keyBy((c) => c.page).window(slidingProcessingTime('1m', '10s')).aggregate({ clicks: count() });
 */
export function slidingProcessingTime(
  size: Duration,
  slide: Duration,
  options: AlignedOptions = {},
): AlignedWindows & UntimedWindows<unknown> {
  return alignedWindows({ of: 'slidingProcessingTime', kind: 'sliding', time: 'processing', size, slide, options });
}
