import { formatDuration, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { TimeWindow, Trigger, TriggerContext } from '../model/index.ts';

/**
 * Fires every `interval` by the clock while the window is there: early results for long windows. The first firing is at
 * the next multiple of `interval` after the first record.
 *
 * It replaces the default trigger (R18): the end of an event-time window does not fire it. For both use
 * `early(continuousProcessingTimeTrigger('10s'))`.
 *
 * @param interval above zero
 * @throws {MillraceError} `OPTION_INVALID` unless it is above 0
 * @example orders.keyBy((o) => o.category).window(globalWindow()).trigger(continuousProcessingTimeTrigger('10s'))
 */
export function continuousProcessingTimeTrigger(interval: Duration): Trigger<unknown, number> {
  const intervalMs = positiveDurationMs(interval, 'interval of continuousProcessingTimeTrigger()');
  const registerNext = (afterMs: number, window: TimeWindow, context: TriggerContext<number>): void => {
    const next = Math.min(afterMs + intervalMs, window.end - 1);
    context.state = next;
    context.registerProcessingTimer(next);
  };
  return Object.freeze<Trigger<unknown, number>>({
    describe: `continuousProcessingTimeTrigger(${formatDuration(intervalMs)})`,
    purges: false,
    onElement(_value, _timestampMs, window, context) {
      const { processingTime: now } = context;
      if (context.state === undefined) registerNext(now - (now % intervalMs), window, context);
      return 'continue';
    },
    onEventTime: () => 'continue',
    onProcessingTime(timeMs, window, context) {
      if (context.state !== timeMs) return 'continue';
      // At the window's last moment there is no next one: the same timer again would fire for ever.
      if (timeMs < window.end - 1) registerNext(timeMs, window, context);
      else context.state = undefined;
      return 'fire';
    },
    onMerge(_window, context) {
      if (context.merged.length === 0) return;
      context.state = Math.min(...context.merged);
      context.registerProcessingTimer(context.state);
    },
    clear(_window, context) {
      if (context.state !== undefined) context.deleteProcessingTimer(context.state);
      context.state = undefined;
    },
  });
}
