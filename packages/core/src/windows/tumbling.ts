import { durationMs, positiveDurationMs, type Duration } from '../internal/duration.ts';
import { optionError } from '../errors/index.ts';
import type { TumblingWindows } from '../model/index.ts';

/** Options of {@link tumbling}. */
export interface TumblingOptions {
  /** Shifts all windows: `tumbling('1d', { offset: '-8h' })` are days of UTC+8. Default 0. */
  readonly offset?: Duration;
}

/**
 * Windows of one length that follow each other without gap or overlap, aligned to the epoch. A record belongs to exactly
 * one window; the window is complete when the watermark reaches its last millisecond (R17).
 *
 * @param size length of a window, above zero
 * @throws {MillraceError} `OPTION_INVALID` unless `size > 0` and `|offset| < size` (R3)
 * @example
 * orders.keyBy((o) => o.category).window(tumbling('5m')).aggregate({ orders: count() });
 */
export function tumbling(size: Duration, options: TumblingOptions = {}): TumblingWindows {
  if (typeof options !== 'object' || options === null)
    throw optionError('options of tumbling()', options, "an object such as { offset: '1h' }");
  const sizeMs = positiveDurationMs(size, 'size of tumbling()');
  const offsetMs = durationMs(options.offset ?? 0, 'offset of tumbling()');
  if (Math.abs(offsetMs) >= sizeMs) {
    throw optionError(
      'offset of tumbling()',
      options.offset,
      `shorter than the size of ${sizeMs} ms in either direction`,
    );
  }
  return Object.freeze({ kind: 'tumbling', time: 'event', sizeMs, offsetMs });
}
