import { optionError } from '../errors/index.ts';
import { formatDuration, nonNegativeDurationMs, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { WatermarkAlignment, WatermarkEmit, WatermarkGenerator, WatermarkStrategy } from '../model/index.ts';
import { BoundedGenerator } from './bounded-generator.ts';

/** Options of every watermark strategy. */
export interface WatermarkOptions {
  /**
   * `'record'`: after each record, so that what is late is a function of the data. `{ every: '200ms' }`: by the clock, as
   * Flink does; `{ every: 'never' }`: at the end of the stream only. Default `'record'`.
   */
  readonly emit?: 'record' | { readonly every: Duration | 'never' };
  /**
   * Live sources: a partition that was read to its end and gave nothing for this long stops holding others back.
   * `'never'` turns that off. Default 5 s. Bounded sources are never idle.
   */
  readonly idleAfter?: Duration | 'never';
  /**
   * Live sources: a partition that is more than `maxDrift` of event time ahead of the slowest one of its `group` is not
   * read until that one has caught up, so that windows need not hold what is far ahead (R33). Sources that name the same
   * group wait for each other. The slowest one is looked for every `every` (default 1 s): a backlog cannot be read faster
   * than `maxDrift` per `every`. Bounded sources are read in the order of their watermarks anyway, and do not wait.
   */
  readonly alignment?: { readonly group: string; readonly maxDrift: Duration; readonly every?: Duration };
}

const DEFAULT_IDLE_AFTER_MS = 5_000;
const DEFAULT_ALIGNMENT_EVERY_MS = 1_000;

/**
 * For strategies: the timestamp that the record has already, as sources with timestamps of their own give it. A record
 * that has none stays without, and moves no watermark.
 *
 * @example
 * messages.assignTimestamps(boundedOutOfOrderness('5s', keepTimestamp))
 */
export function keepTimestamp(_value: unknown, timestampMs: number): number {
  return timestampMs;
}

/**
 * Records may come out of order by up to `bound`: the watermark stands `bound + 1 ms` behind the highest timestamp (R27).
 *
 * @param bound how far behind the highest timestamp a record may be and not be late; 0 or more
 * @param timestamp event time of a record, epoch milliseconds; gets the timestamp that it has already, or NaN, too
 * @throws {MillraceError} `OPTION_INVALID` for a negative bound
 * @example
 * flow.from('orders', source, { watermarks: boundedOutOfOrderness('5s', (o) => o.event_time) });
 */
export function boundedOutOfOrderness<T>(
  bound: Duration,
  timestamp: (value: T, timestampMs: number) => number,
  options: WatermarkOptions = {},
): WatermarkStrategy<T> {
  const boundMs = nonNegativeDurationMs(bound, 'bound of boundedOutOfOrderness()');
  const describe = `boundedOutOfOrderness(${formatDuration(boundMs)})`;
  return strategy(describe, timestamp, () => new BoundedGenerator(boundMs), options);
}

/**
 * Timestamps never go back within a partition: the same as a bound of 0.
 *
 * @example
 * flow.from('log', source, { watermarks: ascendingTimestamps((line) => line.time) });
 */
export function ascendingTimestamps<T>(
  timestamp: (value: T, timestampMs: number) => number,
  options: WatermarkOptions = {},
): WatermarkStrategy<T> {
  return strategy('ascendingTimestamps()', timestamp, () => new BoundedGenerator(0), options);
}

/**
 * Watermarks that are carried by the records themselves, or by a generator of one's own.
 *
 * @param generator makes one generator per partition; its `onEvent` returns the watermark after a record, or -Infinity
 * @example
 * // a record with `last: true` says that everything up to its timestamp has come
 * customWatermarks((r: Reading) => r.time, () => {
 *   let watermark = -Infinity;
 *   return {
 *     onEvent: (r, timestamp) => (r.last ? (watermark = timestamp) : watermark),
 *     snapshot: () => watermark,
 *     restore: (state) => void (watermark = state),
 *   };
 * });
 */
export function customWatermarks<T>(
  timestamp: (value: T, timestampMs: number) => number,
  generator: () => WatermarkGenerator<T>,
  options: WatermarkOptions = {},
): WatermarkStrategy<T> {
  return strategy('customWatermarks()', timestamp, generator, options);
}

/**
 * Timestamps, but no watermarks: event time stands still until the stream ends.
 *
 * @example
 * lines.assignTimestamps(noWatermarks((line) => line.time))
 */
export function noWatermarks<T>(
  timestamp: (value: T, timestampMs: number) => number,
  options: Omit<WatermarkOptions, 'emit'> = {},
): WatermarkStrategy<T> {
  return strategy('noWatermarks()', timestamp, () => SILENT_GENERATOR, options);
}

const SILENT_GENERATOR: WatermarkGenerator<unknown> = Object.freeze({
  onEvent: () => -Infinity,
  snapshot: () => -Infinity,
  restore() {},
});

function strategy<T>(
  describe: string,
  timestamp: (value: T, timestampMs: number) => number,
  createGenerator: () => WatermarkGenerator<T>,
  options: WatermarkOptions,
): WatermarkStrategy<T> {
  if (typeof timestamp !== 'function') {
    throw optionError(`timestamp of ${describe}`, timestamp, 'a function from a record to epoch milliseconds');
  }
  if (typeof createGenerator !== 'function') {
    throw optionError(`generator of ${describe}`, createGenerator, 'a function that makes a watermark generator');
  }
  if (typeof options !== 'object' || options === null)
    throw optionError(`options of ${describe}`, options, 'an object');
  const idleAfter = options.idleAfter ?? DEFAULT_IDLE_AFTER_MS;
  return Object.freeze({
    describe,
    timestampOf: timestamp,
    keepsTimestamps: timestamp === keepTimestamp,
    createGenerator,
    emit: emitOf(options),
    idleAfterMs: idleAfter === 'never' ? Infinity : positiveDurationMs(idleAfter, `idleAfter of ${describe}`),
    alignment: options.alignment === undefined ? undefined : alignmentOf(describe, options.alignment),
  });
}

function emitOf(options: WatermarkOptions): WatermarkEmit {
  const emit = options.emit ?? 'record';
  if (emit === 'record') return emit;
  if (typeof emit !== 'object' || emit === null) throw optionError('emit', emit, "'record' or { every: '200ms' }");
  return { everyMs: emit.every === 'never' ? Infinity : positiveDurationMs(emit.every, 'emit.every') };
}

function alignmentOf(describe: string, options: NonNullable<WatermarkOptions['alignment']>): WatermarkAlignment {
  const { group, maxDrift, every = DEFAULT_ALIGNMENT_EVERY_MS } = options;
  if (typeof group !== 'string' || group === '') throw optionError(`alignment.group of ${describe}`, group, 'a text');
  return Object.freeze({
    group,
    maxDriftMs: nonNegativeDurationMs(maxDrift, `alignment.maxDrift of ${describe}`),
    everyMs: positiveDurationMs(every, `alignment.every of ${describe}`),
  });
}
