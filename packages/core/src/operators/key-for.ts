import { canonicalKey } from '../state/index.ts';

/**
 * The key of a record as the engine compares it. Text and numbers go straight into a Map, which holds NaN to be one key
 * and -0 and 0 to be the same; everything else is brought into canonical form first.
 *
 * @throws {MillraceError} `RECORD_KEY` for a key that cannot be compared by value; whatever `keyOf` throws
 */
export function keyFor(keyOf: (value: unknown) => unknown, value: unknown): unknown {
  const key = keyOf(value);
  return typeof key === 'string' || typeof key === 'number' ? key : canonicalKey(key);
}
