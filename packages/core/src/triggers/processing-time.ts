import type { Trigger } from '../model/index.ts';

const PROCESSING_TIME_TRIGGER: Trigger<unknown, never> = Object.freeze<Trigger<unknown, never>>({
  describe: 'processingTimeTrigger()',
  purges: false,
  onElement(_value, _timestampMs, window, context) {
    context.registerProcessingTimer(window.end - 1);
    return 'continue';
  },
  onEventTime: () => 'continue',
  onProcessingTime: () => 'fire',
  onMerge(window, context) {
    if (window.end - 1 > context.processingTime) context.registerProcessingTimer(window.end - 1);
  },
  clear: (window, context) => context.deleteProcessingTimer(window.end - 1),
});

/**
 * Fires when the clock reaches the last millisecond of the window. The default of processing-time windows.
 *
 * @example clicks.keyBy((c) => c.page).window(tumblingProcessingTime('10s')).trigger(processingTimeTrigger())
 */
export function processingTimeTrigger(): Trigger<unknown, never> {
  return PROCESSING_TIME_TRIGGER;
}
