import { optionError } from '../errors/index.ts';
import type { Trigger, TriggerResult } from '../model/index.ts';
import { refusal } from './refusal.ts';

/**
 * Fires when `of` does, and drops the contents of the window afterwards: each result holds only what came since the last
 * one (discarding output).
 *
 * @throws {MillraceError} `OPTION_INVALID` if `of` is no trigger
 * @example orders.windowAll(globalWindow()).trigger(purgingTrigger(countTrigger(100)))
 */
export function purgingTrigger<T, S>(of: Trigger<T, S>): Trigger<T, S> {
  checkInner('purgingTrigger(of)', of);
  const purged = (result: TriggerResult): TriggerResult => (result === 'fire' ? 'fireAndPurge' : result);
  return Object.freeze<Trigger<T, S>>({
    describe: `purgingTrigger(${of.describe})`,
    purges: true,
    onElement: (value, timestampMs, window, context) => purged(of.onElement(value, timestampMs, window, context)),
    onEventTime: (timeMs, window, context) => purged(of.onEventTime(timeMs, window, context)),
    onProcessingTime: (timeMs, window, context) => purged(of.onProcessingTime(timeMs, window, context)),
    onMerge: (window, context) => of.onMerge?.(window, context),
    clear: (window, context) => of.clear(window, context),
    refuses: (merging) => refusal(of, merging),
  });
}

/** For programs without a type checker. */
export function checkInner(name: string, of: Trigger<never, never>): void {
  if (typeof of?.onElement !== 'function') throw optionError(name, of, 'a trigger such as countTrigger(10)');
}
