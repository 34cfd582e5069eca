import { formatDuration, positiveDurationMs, type Duration } from '../internal/duration.ts';
import type { TimeWindow, Trigger, TriggerContext } from '../model/index.ts';

/**
 * Fires every `interval` of event time while the window is open, and at its end (R20). The first firing is at the next
 * multiple of `interval` after the first record to arrive. A watermark that passes several intervals at once fires once
 * for each, with the same contents. A record without timestamp, which only windows of processing time take, plans no firing
 * (Flink takes it for one of the year -292,275,055 and fires once for every interval since).
 *
 * @param interval above zero
 * @throws {MillraceError} `OPTION_INVALID` unless it is above 0
 * @example orders.keyBy((o) => o.category).window(tumbling('1h')).trigger(continuousEventTimeTrigger('5m'))
 */
export function continuousEventTimeTrigger(interval: Duration): Trigger<unknown, number> {
  const intervalMs = positiveDurationMs(interval, 'interval of continuousEventTimeTrigger()');
  const registerNext = (afterMs: number, window: TimeWindow, context: TriggerContext<number>): void => {
    const next = Math.min(afterMs + intervalMs, window.end - 1);
    context.state = next;
    context.registerEventTimer(next);
  };
  return Object.freeze<Trigger<unknown, number>>({
    describe: `continuousEventTimeTrigger(${formatDuration(intervalMs)})`,
    purges: false,
    onElement(_value, timestampMs, window, context) {
      if (window.end - 1 <= context.watermark) return 'fire';
      context.registerEventTimer(window.end - 1);
      if (context.state === undefined && !Number.isNaN(timestampMs))
        registerNext(timestampMs - (timestampMs % intervalMs), window, context);
      return 'continue';
    },
    onEventTime(timeMs, window, context) {
      if (timeMs === window.end - 1) return 'fire';
      if (context.state !== timeMs) return 'continue';
      context.state = undefined;
      // The end of the stream in a window without an end: its own timer comes last and fires once, not one per interval.
      if (context.watermark === Infinity && window.end === Infinity) return 'continue';
      registerNext(timeMs, window, context);
      return 'fire';
    },
    onProcessingTime: () => 'continue',
    onMerge(_window, context) {
      if (context.merged.length === 0) return;
      context.state = Math.min(...context.merged);
      context.registerEventTimer(context.state);
    },
    clear(_window, context) {
      if (context.state !== undefined) context.deleteEventTimer(context.state);
      context.state = undefined;
    },
  });
}
