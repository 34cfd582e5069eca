import { optionError } from '../errors/index.ts';
import { formatDuration, nonNegativeDurationMs, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { WatermarkEmit, WatermarkGenerator, WatermarkStrategy } from '../model/index.ts';
import { BoundedGenerator } from './bounded-generator.ts';

/** Options of every watermark strategy. */
export interface WatermarkOptions {
  /**
   * `'record'`: after each record, so that what is late is a function of the data. `{ every: '200ms' }`: by the clock, as
   * Flink does. Default `'record'`.
   */
  readonly emit?: 'record' | { readonly every: Duration };
  /**
   * Live sources: a partition that was read to its end and gave nothing for this long stops holding others back.
   * `'never'` turns that off. Default 5 s. Bounded sources are never idle.
   */
  readonly idleAfter?: Duration | 'never';
}

const DEFAULT_IDLE_AFTER_MS = 5_000;

/**
 * Records may come out of order by up to `bound`: the watermark stands `bound + 1 ms` behind the highest timestamp (R27).
 *
 * @param bound how far behind the highest timestamp a record may be and not be late; 0 or more
 * @param timestamp event time of a record, epoch milliseconds
 * @throws {MillraceError} `OPTION_INVALID` for a negative bound
 * @example
 * flow.from('orders', source, { watermarks: boundedOutOfOrderness('5s', (o) => o.event_time) });
 */
export function boundedOutOfOrderness<T>(
  bound: Duration,
  timestamp: (value: T) => number,
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
  timestamp: (value: T) => number,
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
  timestamp: (value: T) => number,
  generator: () => WatermarkGenerator<T>,
  options: WatermarkOptions = {},
): WatermarkStrategy<T> {
  return strategy('customWatermarks()', timestamp, generator, options);
}

function strategy<T>(
  describe: string,
  timestamp: (value: T) => number,
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
    createGenerator,
    emit: emitOf(options),
    idleAfterMs: idleAfter === 'never' ? Infinity : positiveDurationMs(idleAfter, `idleAfter of ${describe}`),
  });
}

function emitOf(options: WatermarkOptions): WatermarkEmit {
  const emit = options.emit ?? 'record';
  if (emit !== 'record' && typeof emit !== 'object') throw optionError('emit', emit, "'record' or { every: '200ms' }");
  return emit === 'record' ? emit : { everyMs: positiveDurationMs(emit.every, 'emit.every') };
}
