import type { TimeWindow } from '../../model/index.ts';
import { cover, touches } from '../../windows/index.ts';
import type { KeyWindows } from './key-windows.ts';
import type { WindowState } from './window-state.ts';

/** What a new window comes to among those that are there: the window it becomes, and which of them it takes in. */
export interface MergePlan {
  readonly result: TimeWindow;
  readonly parts: readonly WindowState[];
}

/**
 * All windows of the key that a record's own window touches, and the one they become together (R11, R12). Windows that are
 * there never touch each other, so one round finds them all.
 */
export function planMerge(entry: KeyWindows, own: TimeWindow): MergePlan {
  const parts = entry.list.filter((window) => touches(window, own));
  return { result: parts.reduce<TimeWindow>(cover, own), parts };
}
