import { checkOptions } from '../errors/index.ts';
import { formatDuration, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { Trigger, TriggerContext, TriggerResult } from '../model/index.ts';
import { innerContext, withPart, type Nested } from './inner-context.ts';
import { checkInner } from './purging.ts';
import { cannotMerge } from './refusal.ts';

/** Options of {@link processingTimeoutTrigger}. */
export interface ProcessingTimeoutOptions {
  /** Whether every record starts the time-out anew; otherwise the first one since the last firing does. Default false. */
  readonly resetTimerOnNewRecord?: boolean;
  /** Whether the inner trigger forgets what it remembers when the time is out. Default true. */
  readonly clearOnTimeout?: boolean;
}

/**
 * Fires when `of` does, or when `timeout` has passed by the clock since the first record, whichever comes first: "100
 * records or 5 seconds". It says fire at every timer of the window, its clean-up included (R18). Cannot merge.
 *
 * @param timeout above zero
 * @throws {MillraceError} `OPTION_INVALID` for something that is no trigger or no duration above 0
 * @example
 * orders.windowAll(globalWindow()).trigger(purgingTrigger(processingTimeoutTrigger(countTrigger(100), '5s')))
 */
export function processingTimeoutTrigger<T, S>(
  of: Trigger<T, S>,
  timeout: Duration,
  options: ProcessingTimeoutOptions = {},
): Trigger<T, Nested<number, S>> {
  checkInner('processingTimeoutTrigger(of)', of);
  const timeoutMs = positiveDurationMs(timeout, 'timeout of processingTimeoutTrigger()');
  checkOptions('processingTimeoutTrigger()', options, ['resetTimerOnNewRecord', 'clearOnTimeout']);
  const { resetTimerOnNewRecord = false, clearOnTimeout = true } = options;
  const describe = `processingTimeoutTrigger(${of.describe}, ${formatDuration(timeoutMs)})`;
  type Context = TriggerContext<Nested<number, S>>;

  const stopTimer = (context: Context): void => {
    const at = context.state?.own;
    if (at === undefined) return;
    context.deleteProcessingTimer(at);
    context.state = withPart(context.state, 'own', undefined);
  };
  const clear: Trigger<T, Nested<number, S>>['clear'] = (window, context) => {
    stopTimer(context);
    of.clear(window, innerContext(context));
  };
  const timedOut = (result: TriggerResult): TriggerResult =>
    result === 'purge' || result === 'fireAndPurge' ? 'fireAndPurge' : 'fire';

  return Object.freeze<Trigger<T, Nested<number, S>>>({
    describe,
    ...(of.purges === undefined ? {} : { purges: of.purges }),
    onElement(value, timestampMs, window, context) {
      const result = of.onElement(value, timestampMs, window, innerContext(context));
      if (result === 'fire' || result === 'fireAndPurge') {
        clear(window, context);
        return result;
      }
      if (resetTimerOnNewRecord) stopTimer(context);
      if (context.state?.own === undefined) {
        const at = context.processingTime + timeoutMs;
        context.state = withPart(context.state, 'own', at);
        context.registerProcessingTimer(at);
      }
      return result;
    },
    onEventTime(timeMs, window, context) {
      const result = of.onEventTime(timeMs, window, innerContext(context));
      if (clearOnTimeout) clear(window, context);
      return timedOut(result);
    },
    onProcessingTime(timeMs, window, context) {
      const result = of.onProcessingTime(timeMs, window, innerContext(context));
      if (clearOnTimeout) clear(window, context);
      return timedOut(result);
    },
    clear,
    refuses: (merging) => (merging ? cannotMerge(describe) : undefined),
  });
}
