import type { Trigger } from '../model/index.ts';

/** The one event-time trigger: it has no options, and the planner knows it by identity. */
export const EVENT_TIME_TRIGGER: Trigger<unknown, never> = Object.freeze<Trigger<unknown, never>>({
  describe: 'eventTimeTrigger()',
  purges: false,
  onElement(_value, _timestampMs, window, context) {
    if (window.end - 1 <= context.watermark) return 'fire';
    context.registerEventTimer(window.end - 1);
    return 'continue';
  },
  onEventTime: (timeMs, window) => (timeMs === window.end - 1 ? 'fire' : 'continue'),
  onProcessingTime: () => 'continue',
  onMerge(window, context) {
    // What is passed already fires with the record that caused the merge: a timer would fire it twice.
    if (window.end - 1 > context.watermark) context.registerEventTimer(window.end - 1);
  },
  clear: (window, context) => context.deleteEventTimer(window.end - 1),
});

/**
 * Fires when the watermark reaches the last millisecond of the window, and then with every record that is late but allowed
 * (R9, R17). The default of event-time windows.
 *
 * @example orders.keyBy((o) => o.category).window(tumbling('5m')).trigger(eventTimeTrigger())
 */
export function eventTimeTrigger(): Trigger<unknown, never> {
  return EVENT_TIME_TRIGGER;
}
