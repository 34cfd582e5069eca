import type { Duration } from '../internal/duration.ts';
import type { AlignedWindows, EventTimeWindows, UntimedWindows } from '../model/index.ts';
import { alignedWindows, type AlignedOptions } from './aligned.ts';

/**
 * Windows of one length that follow each other without gap or overlap, aligned to the epoch. A record belongs to exactly
 * one window; the window is complete when the watermark reaches its last millisecond (R17).
 *
 * @param size length of a window, above zero
 * @throws {MillraceError} `OPTION_INVALID` unless `size > 0` and `|offset| < size` (R3)
 * @example
 * orders.keyBy((o) => o.category).window(tumbling('5m')).aggregate({ orders: count() });
 */
export function tumbling(size: Duration, options: AlignedOptions = {}): AlignedWindows & EventTimeWindows<unknown> {
  return alignedWindows({ of: 'tumbling', kind: 'tumbling', time: 'event', size, slide: size, options });
}

/**
 * Tumbling windows by the clock: a record belongs to the window in which it is processed. Needs no timestamps; a second
 * run over the same records gives other windows.
 *
 * @param size length of a window, above zero
 * @throws {MillraceError} `OPTION_INVALID` as `tumbling` does
 * @example
 * clicks.keyBy((c) => c.page).window(tumblingProcessingTime('10s')).aggregate({ clicks: count() });
 */
export function tumblingProcessingTime(
  size: Duration,
  options: AlignedOptions = {},
): AlignedWindows & UntimedWindows<unknown> {
  const of = 'tumblingProcessingTime';
  return alignedWindows({ of, kind: 'tumbling', time: 'processing', size, slide: size, options });
}
