import type { GlobalWindows, Trigger, WindowAssigner } from '../model/index.ts';
import { endOfStreamTrigger } from './end-of-stream.ts';
import { eventTimeTrigger } from './event-time.ts';
import { neverTrigger } from './never.ts';
import { processingTimeTrigger } from './processing-time.ts';

/** The trigger of windows for which the program names none (R6, R17). */
export function defaultTrigger(windows: WindowAssigner<never>): Trigger<unknown> {
  if (windows.time === 'event') return eventTimeTrigger();
  if (windows.time === 'processing') return processingTimeTrigger();
  // Only global windows have no time.
  return (windows as unknown as GlobalWindows).firesAtEnd ? endOfStreamTrigger() : neverTrigger();
}
