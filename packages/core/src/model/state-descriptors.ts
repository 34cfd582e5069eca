import { checkOptions, optionError } from '../errors/index.ts';
import { positiveDurationMs } from '../internal/duration.ts';
import type { Aggregate } from './aggregate.ts';
import type {
  AggregatingStateDescriptor,
  ListStateDescriptor,
  MapStateDescriptor,
  ReducingStateDescriptor,
  StateOptions,
  StateTtl,
  ValueStateDescriptor,
} from './keyed-state.ts';

/** Options of {@link valueState}. */
export interface ValueStateOptions<T> extends StateOptions<T> {
  /** What `get` gives where nothing was set. Default: `undefined`. */
  readonly initial?: () => T;
}

/**
 * One value per key, or per key and window.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options
 * @example
 * const state = { last: valueState<number>({ ttl: { after: '1d' } }) };
 */
export function valueState<T>(
  options: ValueStateOptions<T> & { readonly initial: () => T },
): ValueStateDescriptor<T, never>;
export function valueState<T>(options?: ValueStateOptions<T>): ValueStateDescriptor<T>;
export function valueState<T>(options: ValueStateOptions<T> = {}): ValueStateDescriptor<T, never> {
  const { ttl, schema } = common('valueState()', options, ['initial']);
  const { initial } = options;
  if (initial !== undefined && typeof initial !== 'function') {
    throw optionError('initial of valueState()', initial, 'a function that makes the first value');
  }
  return Object.freeze({ kind: 'value', ttl, schema, initial });
}

/**
 * A list per key. With a time to live each item has its own.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options
 * @example const state = { readings: listState<Reading>() };
 */
export function listState<T>(options: StateOptions<T> = {}): ListStateDescriptor<T> {
  return Object.freeze({ kind: 'list', ...common('listState()', options) });
}

/**
 * A map per key; its keys are compared by value, as stream keys are. With a time to live each entry has its own.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options
 * @example const state = { seen: mapState<string, number>() };
 */
export function mapState<MK, MV>(options: StateOptions<MV> = {}): MapStateDescriptor<MK, MV> {
  return Object.freeze({ kind: 'map', ...common('mapState()', options) });
}

/**
 * One value per key into which every added one is reduced.
 *
 * @param reduce must not change either
 * @throws {MillraceError} `OPTION_INVALID` for wrong options
 * @example const state = { highest: reducingState<number>((a, b) => Math.max(a, b)) };
 */
export function reducingState<T>(reduce: (a: T, b: T) => T, options: StateOptions<T> = {}): ReducingStateDescriptor<T> {
  if (typeof reduce !== 'function') throw optionError('reducingState(reduce)', reduce, 'a function of two values');
  return Object.freeze({ kind: 'reducing', ...common('reducingState()', options), reduce });
}

/**
 * An accumulator per key, with the result of an aggregate.
 *
 * @throws {MillraceError} `OPTION_INVALID` for something that is no aggregate, or wrong options
 * @example const state = { mean: aggregatingState(avg((r: Reading) => r.celsius)) };
 */
export function aggregatingState<T, A, R>(
  aggregate: Aggregate<T, A, R>,
  options: StateOptions<A> = {},
): AggregatingStateDescriptor<T, R> {
  if (typeof aggregate?.create !== 'function' || typeof aggregate.add !== 'function') {
    throw optionError('aggregatingState(aggregate)', aggregate, 'an aggregate such as count()');
  }
  const { ttl, schema } = common('aggregatingState()', options);
  // The accumulator is the aggregate's own business: only it makes and reads it.
  return Object.freeze({ kind: 'aggregating', ttl, schema, aggregate: aggregate as Aggregate<T, unknown, R> });
}

function common<T>(of: string, options: StateOptions<T>, more: readonly string[] = []): StateParts {
  checkOptions(of, options, ['ttl', 'schema', ...more]);
  const { ttl, schema } = options;
  if (ttl !== undefined) checkTtl(of, ttl);
  if (schema !== undefined && typeof schema.decode !== 'function') {
    throw optionError(`schema of ${of}`, schema, 'a schema such as struct({...})');
  }
  // Only values of this state ever meet the schema.
  return { ttl, schema: schema as StateParts['schema'] };
}

interface StateParts {
  readonly ttl: StateTtl | undefined;
  readonly schema: ValueStateDescriptor<never>['schema'];
}

function checkTtl(of: string, ttl: StateTtl): void {
  if (typeof ttl !== 'object' || ttl === null) {
    throw optionError(`ttl of ${of}`, ttl, "an object such as { after: '1h' }");
  }
  checkOptions(`ttl of ${of}`, ttl, ['after', 'renewedBy', 'time']);
  positiveDurationMs(ttl.after, `ttl.after of ${of}`);
  const { renewedBy = 'write', time = 'processing' } = ttl;
  if (renewedBy !== 'write' && renewedBy !== 'readAndWrite') {
    throw optionError(`ttl.renewedBy of ${of}`, renewedBy, "'write' or 'readAndWrite'");
  }
  if (time !== 'event' && time !== 'processing') {
    throw optionError(`ttl.time of ${of}`, time, "'event' or 'processing'");
  }
}
