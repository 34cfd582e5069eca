import type { Trigger } from '../model/index.ts';
import { cannotMerge } from './refusal.ts';

const NEVER_TRIGGER: Trigger<unknown, never> = Object.freeze<Trigger<unknown, never>>({
  describe: 'neverTrigger()',
  purges: false,
  onElement: () => 'continue',
  onEventTime: () => 'continue',
  onProcessingTime: () => 'continue',
  clear() {},
  refuses: (merging) => (merging ? cannotMerge('neverTrigger()') : undefined),
});

/**
 * Never fires. The default of global windows (R6).
 *
 * @example orders.keyBy((o) => o.customer).window(globalWindow()).trigger(neverTrigger())
 */
export function neverTrigger(): Trigger<unknown, never> {
  return NEVER_TRIGGER;
}
