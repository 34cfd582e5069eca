import { optionError } from '../../errors/index.ts';
import type { Evictor, WindowElement } from '../../model/index.ts';
import { placed, type EvictorOptions } from './placed.ts';

/**
 * Keeps the last `n` records of a window (R21).
 *
 * @param n a whole number, 0 or more
 * @throws {MillraceError} `OPTION_INVALID` for another `n`
 * @example readings.keyBy((r) => r.sensor).window(globalWindow()).trigger(countTrigger(1)).evictor(countEvictor(10))
 */
export function countEvictor(n: number, options: EvictorOptions = {}): Evictor<unknown> {
  if (!Number.isSafeInteger(n) || n < 0) throw optionError('n of countEvictor()', n, 'a whole number, 0 or more');
  const evict = <E>(elements: readonly WindowElement<E>[]): readonly WindowElement<E>[] =>
    elements.length <= n ? elements : elements.slice(elements.length - n);
  return placed(`countEvictor(${n})`, evict, options);
}
