import { optionError } from '../errors/index.ts';
import type { Trigger } from '../model/index.ts';
import { cannotMerge } from './refusal.ts';

/** Options of {@link deltaTrigger}. */
export interface DeltaOptions<T> {
  readonly threshold: number;
  /** How far apart two records are: the one of the last firing, and the new one. */
  readonly delta: (last: T, next: T) => number;
}

/**
 * Fires when a record is further than `threshold` from the one of the last firing (or from the first one). The record is
 * kept in state. Cannot merge.
 *
 * @throws {MillraceError} `OPTION_INVALID` for a threshold that is no number or a `delta` that is no function
 * @example
 * // each time a car has gone another 100 m
 * cars.keyBy((c) => c.id).window(globalWindow()).trigger(deltaTrigger({ threshold: 100, delta: (a, b) => b.metres - a.metres }))
 */
export function deltaTrigger<T>(options: DeltaOptions<T>): Trigger<T, { readonly last: T }> {
  const { threshold, delta } = Object(options) as DeltaOptions<T>;
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
    throw optionError('threshold of deltaTrigger()', threshold, 'a number');
  }
  if (typeof delta !== 'function') throw optionError('delta of deltaTrigger()', delta, 'a function of two records');
  const describe = `deltaTrigger(${threshold})`;
  return Object.freeze<Trigger<T, { readonly last: T }>>({
    describe,
    purges: false,
    onElement(value, _timestampMs, _window, context) {
      if (context.state === undefined) {
        context.state = { last: value };
        return 'continue';
      }
      if (!(delta(context.state.last, value) > threshold)) return 'continue';
      context.state = { last: value };
      return 'fire';
    },
    onEventTime: () => 'continue',
    onProcessingTime: () => 'continue',
    clear: (_window, context) => void (context.state = undefined),
    refuses: (merging) => (merging ? cannotMerge(describe) : undefined),
  });
}
