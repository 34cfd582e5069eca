import type { Trigger } from '../model/index.ts';

/** Why a trigger cannot serve merging windows, and what can. */
export function cannotMerge(describe: string): string {
  return (
    `${describe} cannot merge, and these windows do (R16). Use a trigger with onMerge, such as countTrigger(n) or ` +
    "continuousEventTimeTrigger('1m'), or windows that do not merge."
  );
}

/** Why `trigger` cannot serve windows that merge or do not; `undefined`: it can. */
export function refusal(trigger: Trigger<never>, merging: boolean): string | undefined {
  if (trigger.refuses !== undefined) return trigger.refuses(merging);
  return merging && trigger.onMerge === undefined ? cannotMerge(trigger.describe) : undefined;
}
