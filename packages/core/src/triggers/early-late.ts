import type { TimeWindow, Trigger, TriggerContext, TriggerMergeContext, TriggerResult } from '../model/index.ts';
import { EVENT_TIME_TRIGGER } from './event-time.ts';
import { innerContext, innerMergeContext, withPart, type Nested } from './inner-context.ts';
import { checkInner } from './purging.ts';
import { refusal } from './refusal.ts';

/**
 * Fires as `of` does, and before the end of the window also whenever `trigger` says so: first results at once, the final
 * one when it is complete.
 *
 * @param trigger asked while the watermark has not reached the window's end
 * @param of default: the event-time trigger
 * @throws {MillraceError} `OPTION_INVALID` for something that is no trigger
 * @example
 * orders.keyBy((o) => o.category).window(tumbling('1h')).trigger(early(continuousProcessingTimeTrigger('10s')))
 */
export function early<T, S>(
  trigger: Trigger<T, S>,
  of: Trigger<T, never> = EVENT_TIME_TRIGGER,
): Trigger<T, Nested<S, never>> {
  checkInner('early(trigger)', trigger);
  checkInner('early(trigger, of)', of);
  return combined(`early(${trigger.describe}, ${of.describe})`, trigger, of, 'before');
}

/**
 * Fires as `of` does up to the end of the window; after it, while records are late but allowed, when `trigger` says so
 * instead of at once with each record (R9).
 *
 * @param trigger asked once the watermark has reached the window's end
 * @param of default: the event-time trigger; `early(...)` gives early and late firings
 * @throws {MillraceError} `OPTION_INVALID` for something that is no trigger
 * @example
 * // final result on time, corrections at most once a minute
 * orders.keyBy((o) => o.category).window(tumbling('1h')).allowedLateness('1d')
 *   .trigger(late(continuousProcessingTimeTrigger('1m')))
 */
export function late<T, S>(
  trigger: Trigger<T, S>,
  of: Trigger<T, never> = EVENT_TIME_TRIGGER,
): Trigger<T, Nested<S, never>> {
  checkInner('late(trigger)', trigger);
  checkInner('late(trigger, of)', of);
  return combined(`late(${trigger.describe}, ${of.describe})`, trigger, of, 'after');
}

/**
 * Two triggers side by side: the main one, whose state is the inner part, and one more that is asked on one side of the
 * window's end only.
 */
function combined<T, S>(
  describe: string,
  more: Trigger<T, S>,
  main: Trigger<T, never>,
  side: 'before' | 'after',
): Trigger<T, Nested<S, never>> {
  type Context = TriggerContext<Nested<S, never>>;
  const passed = (window: TimeWindow, context: Context): boolean => window.end - 1 <= context.watermark;
  const asks = (window: TimeWindow, context: Context): boolean => passed(window, context) === (side === 'after');

  return Object.freeze<Trigger<T, Nested<S, never>>>({
    describe,
    ...purging(main.purges, more.purges),
    onElement(value, timestampMs, window, context) {
      if (!asks(window, context)) return main.onElement(value, timestampMs, window, innerContext(context));
      const extra = more.onElement(value, timestampMs, window, ownContext(context));
      if (side === 'after') return extra;
      return either(main.onElement(value, timestampMs, window, innerContext(context)), extra);
    },
    onEventTime(timeMs, window, context) {
      const result = main.onEventTime(timeMs, window, innerContext(context));
      // The last moment of the window belongs to the main trigger; so does every timer while the other one is not asked.
      if (timeMs === window.end - 1 || !asks(window, context)) return result;
      return either(result, more.onEventTime(timeMs, window, ownContext(context)));
    },
    onProcessingTime(timeMs, window, context) {
      const result = main.onProcessingTime(timeMs, window, innerContext(context));
      return asks(window, context)
        ? either(result, more.onProcessingTime(timeMs, window, ownContext(context)))
        : result;
    },
    onMerge(window, context) {
      main.onMerge?.(window, innerMergeContext(context));
      more.onMerge?.(window, ownMergeContext(context));
    },
    clear(window, context) {
      main.clear(window, innerContext(context));
      more.clear(window, ownContext(context));
    },
    refuses: (merging) => refusal(main, merging) ?? refusal(more, merging),
  });
}

/** Whether firings purge, where it is known of both or certain of one. */
function purging(main: boolean | undefined, more: boolean | undefined): { readonly purges?: boolean } {
  if (main === true || more === true) return { purges: true };
  return main === false && more === false ? { purges: false } : {};
}

/** Both wishes in one. */
function either(a: TriggerResult, b: TriggerResult): TriggerResult {
  const fires = a === 'fire' || b === 'fire' || a === 'fireAndPurge' || b === 'fireAndPurge';
  const purges = a === 'purge' || b === 'purge' || a === 'fireAndPurge' || b === 'fireAndPurge';
  if (fires) return purges ? 'fireAndPurge' : 'fire';
  return purges ? 'purge' : 'continue';
}

/** The context as the additional trigger sees it: its state is the own part. */
function ownContext<S>(outer: TriggerContext<Nested<S, never>>): TriggerContext<S> {
  const swapped = innerContext<never, S>(swap(outer));
  return swapped;
}

function ownMergeContext<S>(outer: TriggerMergeContext<Nested<S, never>>): TriggerMergeContext<S> {
  const merged = outer.merged.flatMap(({ own }) => (own === undefined ? [] : [own]));
  return Object.assign(ownContext(outer), { merged });
}

/** The same context with the two parts of its state in each other's place. */
function swap<S>(outer: TriggerContext<Nested<S, never>>): TriggerContext<Nested<never, S>> {
  return {
    get watermark() {
      return outer.watermark;
    },
    get processingTime() {
      return outer.processingTime;
    },
    get state(): Nested<never, S> | undefined {
      const own = outer.state?.own;
      return own === undefined ? undefined : { inner: own };
    },
    set state(state: Nested<never, S> | undefined) {
      outer.state = withPart(outer.state, 'own', state?.inner);
    },
    registerEventTimer: (timeMs) => outer.registerEventTimer(timeMs),
    deleteEventTimer: (timeMs) => outer.deleteEventTimer(timeMs),
    registerProcessingTimer: (timeMs) => outer.registerProcessingTimer(timeMs),
    deleteProcessingTimer: (timeMs) => outer.deleteProcessingTimer(timeMs),
  };
}
