import { MillraceError } from '../errors/index.ts';
import { formatDuration, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { EventTimeWindows, SessionWindows, TimeWindow, UntimedWindows } from '../model/index.ts';
import { refuseWithoutTime } from './aligned.ts';

/** The gap after which a session ends: one for all records, or one per record. */
export type SessionGap<T> = Duration | ((value: T) => Duration);

/**
 * Windows of activity: a record opens `[timestamp, timestamp + gap)` (R5), and windows of one key that overlap or touch
 * become one (R11). Two records exactly `gap` apart are one session.
 *
 * @param gap above zero; as a function it is the gap after this record
 * @throws {MillraceError} `OPTION_INVALID` unless the gap is above 0; for a function, the record fails instead
 * @example
 * clicks.keyBy((c) => c.user).window(session('30m')).aggregate({ clicks: count() });
 */
export function session<T>(gap: SessionGap<T>): SessionWindows<T> & EventTimeWindows<T> {
  return sessions('session', 'event', gap);
}

/**
 * Sessions by the clock: they end when a key has had no record for `gap` of processing time.
 *
 * @throws {MillraceError} `OPTION_INVALID` as `session` does
 * @example
 * clicks.keyBy((c) => c.user).window(sessionProcessingTime('30s')).aggregate({ clicks: count() });
 */
export function sessionProcessingTime<T>(gap: SessionGap<T>): SessionWindows<T> & UntimedWindows<T> {
  return sessions('sessionProcessingTime', 'processing', gap);
}

function sessions<T, Time extends 'event' | 'processing'>(
  of: string,
  time: Time,
  gap: SessionGap<T>,
): SessionWindows<T> & { readonly time: Time } {
  const gapMs = typeof gap === 'function' ? undefined : positiveDurationMs(gap, `gap of ${of}()`);
  return Object.freeze({
    kind: 'session',
    time,
    describe: `${of}(${gapMs === undefined ? 'gap by record' : formatDuration(gapMs)})`,
    merging: true,
    gapMs,
    assign(value: T, timestampMs: number, processingTimeMs: number): readonly TimeWindow[] {
      const start = time === 'event' ? timestampMs : processingTimeMs;
      refuseWithoutTime(start);
      return [{ start, end: start + (typeof gap === 'function' ? gapOf(of, gap, value) : (gapMs as number)) }];
    },
  });
}

function gapOf<T>(of: string, gap: (value: T) => Duration, value: T): number {
  const given = gap(value);
  try {
    return positiveDurationMs(given, `gap of ${of}()`);
  } catch (cause) {
    throw new MillraceError('RECORD_MALFORMED', {
      message: `The gap of ${of}() is ${String(given)} for this record, but must be a duration above 0.`,
      fields: { gap: String(given) },
      cause,
    });
  }
}
