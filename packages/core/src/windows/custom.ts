import { MillraceError, optionError } from '../errors/index.ts';
import type { TimeWindow, WindowAssigner } from '../model/index.ts';
import { refuseWithoutTime } from './aligned.ts';

/** What {@link customWindow} takes. */
export interface CustomWindowOptions<T, Time extends 'event' | 'processing'> {
  /** For people: in errors and in `flow.explain()`. */
  readonly name: string;
  /** The clock by which its windows end. */
  readonly time: Time;
  /** Whether windows that touch become one. Default false. */
  readonly merging?: boolean;
  /**
   * The windows of a record, newest first; `start < end`, whole milliseconds. Must give the same for the same record.
   *
   * @param timestampMs event time of the record; NaN where it has none, which happens for `time: 'processing'` only
   * @param processingTimeMs the clock now
   */
  assign(value: T, timestampMs: number, processingTimeMs: number): readonly TimeWindow[];
}

/**
 * Windows of one's own.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; `USER_FUNCTION` on a record for which `assign` gives
 *   something that is no window
 * @example
 * // the working day of an order: 06:00 to 22:00 UTC
 * const day = 86_400_000;
 * const shift = customWindow({
 *   name: 'shift',
 *   time: 'event',
 *   assign(_order: Order, time) {
 *     const start = Math.floor(time / day) * day + 6 * 3_600_000;
 *     return time >= start && time < start + 16 * 3_600_000 ? [{ start, end: start + 16 * 3_600_000 }] : [];
 *   },
 * });
 */
export function customWindow<T, Time extends 'event' | 'processing'>(
  options: CustomWindowOptions<T, Time>,
): WindowAssigner<T> & { readonly time: Time } {
  const { name, time, merging = false } = Object(options) as CustomWindowOptions<T, Time>;
  if (typeof name !== 'string' || name === '') throw optionError('name of customWindow()', name, 'a text');
  if (time !== 'event' && time !== 'processing') {
    throw optionError(`time of customWindow('${name}')`, time, "'event' or 'processing'");
  }
  if (typeof merging !== 'boolean') throw optionError(`merging of customWindow('${name}')`, merging, 'true or false');
  const { assign } = Object(options) as Readonly<Record<string, unknown>>;
  if (typeof assign !== 'function') throw optionError(`assign of customWindow('${name}')`, assign, 'a function');
  return Object.freeze({
    kind: 'custom',
    time,
    describe: name,
    merging,
    assign(value: T, timestampMs: number, processingTimeMs: number): readonly TimeWindow[] {
      if (time === 'event') refuseWithoutTime(timestampMs);
      return checked(name, options.assign(value, timestampMs, processingTimeMs));
    },
  });
}

function checked(name: string, windows: unknown): readonly TimeWindow[] {
  if (Array.isArray(windows) && windows.every(isWindow)) return windows;
  throw new MillraceError('USER_FUNCTION', {
    message:
      `customWindow('${name}') assigned ${JSON.stringify(windows) ?? String(windows)}, ` +
      'but must give an array of { start, end } in whole milliseconds with start < end.',
    fields: { name },
  });
}

function isWindow(window: unknown): window is TimeWindow {
  const { start, end } = Object(window) as Partial<TimeWindow>;
  return Number.isSafeInteger(start) && Number.isSafeInteger(end) && (start as number) < (end as number);
}
