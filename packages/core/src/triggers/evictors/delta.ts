import { optionError } from '../../errors/index.ts';
import type { Evictor, WindowElement } from '../../model/index.ts';
import { placed, type EvictorOptions } from './placed.ts';

/** Options of {@link deltaEvictor}. */
export interface DeltaEvictorOptions<T> extends EvictorOptions {
  readonly threshold: number;
  /** How far a record is from the last one of the window. */
  readonly delta: (element: T, last: T) => number;
}

/**
 * Removes the records that are `threshold` or further from the last one of the window (R21).
 *
 * @throws {MillraceError} `OPTION_INVALID` for a threshold that is no number or a `delta` that is no function
 * @example
 * cars.keyBy((c) => c.id).window(globalWindow()).trigger(countTrigger(1))
 *   .evictor(deltaEvictor({ threshold: 100, delta: (car, last) => last.metres - car.metres }))
 */
export function deltaEvictor<T>(options: DeltaEvictorOptions<T>): Evictor<T> {
  const { threshold, delta } = Object(options) as DeltaEvictorOptions<T>;
  if (typeof threshold !== 'number' || Number.isNaN(threshold)) {
    throw optionError('threshold of deltaEvictor()', threshold, 'a number');
  }
  if (typeof delta !== 'function') throw optionError('delta of deltaEvictor()', delta, 'a function of two records');
  const evict = <E extends T>(elements: readonly WindowElement<E>[]): readonly WindowElement<E>[] => {
    const last = elements.at(-1);
    return last === undefined ? elements : elements.filter(({ value }) => !(delta(value, last.value) >= threshold));
  };
  return placed(`deltaEvictor(${threshold})`, evict, options);
}
