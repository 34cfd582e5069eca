import type { Trigger } from '../model/index.ts';

const END_OF_STREAM_TRIGGER: Trigger<unknown, never> = Object.freeze<Trigger<unknown, never>>({
  describe: 'endOfStreamTrigger()',
  purges: false,
  onElement(_value, _timestampMs, _window, context) {
    context.registerEventTimer(Infinity);
    return 'continue';
  },
  onEventTime: (timeMs) => (timeMs === Infinity ? 'fire' : 'continue'),
  onProcessingTime: () => 'continue',
  onMerge: (_window, context) => context.registerEventTimer(Infinity),
  clear: (_window, context) => context.deleteEventTimer(Infinity),
});

/**
 * Fires once, when event time comes to its end: all bounded input has been read, or the job is drained.
 *
 * @example orders.keyBy((o) => o.customer).window(globalWindow()).trigger(endOfStreamTrigger())
 */
export function endOfStreamTrigger(): Trigger<unknown, never> {
  return END_OF_STREAM_TRIGGER;
}
