import { orderInsensitive } from '../aggregates/index.ts';
import type { WindowNode } from '../graph/index.ts';
import { EVENT_TIME_TRIGGER } from '../triggers/index.ts';

/** How the state of a window is laid out (architecture.md, Decision 3). */
export type WindowPath = 'slices' | 'general';

/**
 * Slices where windows are aligned to event time, fire by default and keep accumulators only: one update per record,
 * however many windows it falls into, and no timer per key. Sliding slices are merged at the firing, in an order that is
 * not that of arrival, so they serve aggregates to which that makes no difference. Everything else is kept per key and
 * window, with timers.
 */
export function windowPath(node: WindowNode): WindowPath {
  const { windows, trigger, evictor, contents, emission } = node;
  const aligned = windows.time === 'event' && (windows.kind === 'tumbling' || windows.kind === 'sliding');
  const byDefault = (trigger === undefined || trigger === EVENT_TIME_TRIGGER) && evictor === undefined;
  if (!aligned || !byDefault || emission.kind !== 'project' || contents.kind === 'elements') return 'general';
  if (windows.kind === 'tumbling') return 'slices';
  return contents.kind === 'aggregate' && orderInsensitive(contents.spec) ? 'slices' : 'general';
}
