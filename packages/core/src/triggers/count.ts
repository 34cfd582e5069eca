import { optionError } from '../errors/index.ts';
import type { Trigger } from '../model/index.ts';

/**
 * Fires with every `n`th record of a window. What the window holds stays: for windows of `n` records use `countWindow`, or
 * `purgingTrigger(countTrigger(n))` (R19). Counts of merging windows add up.
 *
 * It replaces the default trigger: a tumbling window with it never fires by time (R18).
 *
 * @param n a whole number above 0
 * @throws {MillraceError} `OPTION_INVALID` for another `n`
 * @example orders.keyBy((o) => o.category).window(globalWindow()).trigger(countTrigger(100))
 */
export function countTrigger(n: number): Trigger<unknown, number> {
  if (!Number.isSafeInteger(n) || n <= 0) throw optionError('n of countTrigger()', n, 'a whole number above 0');
  return Object.freeze<Trigger<unknown, number>>({
    describe: `countTrigger(${n})`,
    purges: false,
    onElement(_value, _timestampMs, _window, context) {
      const count = (context.state ?? 0) + 1;
      context.state = count >= n ? undefined : count;
      return count >= n ? 'fire' : 'continue';
    },
    onEventTime: () => 'continue',
    onProcessingTime: () => 'continue',
    onMerge(_window, context) {
      if (context.merged.length > 0) context.state = context.merged.reduce((a, b) => a + b);
    },
    clear: (_window, context) => void (context.state = undefined),
  });
}
