import { durationMs, formatDuration, positiveDurationMs, type Duration } from '../internal/duration.ts';
import { MillraceError, optionError } from '../errors/index.ts';
import type { AlignedWindows, TimeWindow } from '../model/index.ts';
import { windowStart } from './window-start.ts';

/** Options of windows that are aligned to the epoch. */
export interface AlignedOptions {
  /** Shifts all windows: `tumbling('1d', { offset: '-8h' })` are days of UTC+8. Default 0. */
  readonly offset?: Duration;
}

/** What differs between the four kinds of aligned windows. */
interface Aligned<Time extends 'event' | 'processing'> {
  /** Name of the function, for errors. */
  readonly of: string;
  readonly kind: 'tumbling' | 'sliding';
  readonly time: Time;
  readonly size: Duration;
  readonly slide: Duration;
  readonly options: AlignedOptions;
}

/** The parts that all aligned windows share: checks, description, assignment (R2 to R4). */
export function alignedWindows<Time extends 'event' | 'processing'>(
  aligned: Aligned<Time>,
): AlignedWindows & { readonly time: Time } {
  const { of, kind, time, size, slide, options } = aligned;
  if (typeof options !== 'object' || options === null)
    throw optionError(`options of ${of}()`, options, "an object such as { offset: '1h' }");
  const sizeMs = positiveDurationMs(size, `size of ${of}()`);
  const slideMs = positiveDurationMs(slide, `slide of ${of}()`);
  const offsetMs = durationMs(options.offset ?? 0, `offset of ${of}()`);
  if (Math.abs(offsetMs) >= slideMs) {
    const period = kind === 'tumbling' ? 'size' : 'slide';
    throw optionError(
      `offset of ${of}()`,
      options.offset,
      `shorter than the ${period} of ${slideMs} ms in either direction`,
    );
  }
  const durations = [sizeMs, ...(kind === 'sliding' ? [slideMs] : [])].map(formatDuration);
  const offset = offsetMs === 0 ? '' : `, offset ${formatDuration(offsetMs)}`;
  return Object.freeze({
    kind,
    time,
    describe: `${of}(${durations.join(', ')}${offset})`,
    merging: false,
    sizeMs,
    slideMs,
    offsetMs,
    assign: (_value: unknown, timestampMs: number, processingTimeMs: number) =>
      windowsAt(time === 'event' ? timestampMs : processingTimeMs, sizeMs, slideMs, offsetMs),
  });
}

/** All windows that hold `timeMs`, newest first (R4). None in a gap between windows that are shorter than their slide. */
function windowsAt(timeMs: number, sizeMs: number, slideMs: number, offsetMs: number): readonly TimeWindow[] {
  refuseWithoutTime(timeMs);
  const windows: TimeWindow[] = [];
  for (let start = windowStart(timeMs, offsetMs, slideMs); start > timeMs - sizeMs; start -= slideMs) {
    windows.push({ start, end: start + sizeMs });
  }
  return windows;
}

/** Event-time windows cannot take a record without a timestamp (R3), nor a result of a window without an end (R24). */
export function refuseWithoutTime(timeMs: number): void {
  if (Number.isFinite(timeMs)) return;
  const what = Number.isNaN(timeMs) ? 'no timestamp' : `the timestamp ${timeMs}, as results of global windows have`;
  throw new MillraceError('RECORD_NO_TIMESTAMP', {
    message: `The record has ${what}, and cannot enter a window of event time. Give it one with assignTimestamps(...).`,
    fields: { timestamp: timeMs },
  });
}
