import { optionError } from '../../errors/index.ts';
import type { Evictor, WindowElement } from '../../model/index.ts';

/** Options of every evictor. */
export interface EvictorOptions {
  /** Whether it removes after the window function instead of before it. Default false. */
  readonly after?: boolean;
}

/** An evictor that does the same before or after the function. */
export function placed<T>(
  describe: string,
  evict: <E extends T>(elements: readonly WindowElement<E>[]) => readonly WindowElement<E>[],
  options: EvictorOptions,
): Evictor<T> {
  if (typeof options !== 'object' || options === null)
    throw optionError(`options of ${describe}`, options, 'an object');
  const { after = false } = options;
  if (typeof after !== 'boolean') throw optionError(`after of ${describe}`, after, 'true or false');
  return Object.freeze(after ? { describe: `${describe} after`, evictAfter: evict } : { describe, evictBefore: evict });
}
