import type { WindowNode } from '../../graph/index.ts';
import type { SessionWindows } from '../../model/index.ts';
import { ENDLESS_MS, type Guard } from './guard.ts';

/**
 * A window that never ends, over input that never ends. A trigger that purges bounds it; so does an evictor, and so does an
 * aggregate of the whole stream, which is one accumulator. Of triggers of the program's own nobody knows what they do.
 */
export const unboundedWindow: Guard = ({ node, bounded }) => {
  if (bounded || node.kind !== 'window') return [];
  if (node.windows.kind === 'global' && !isBoundedGlobal(node)) {
    const kept = node.contents.kind === 'elements' ? 'every record' : 'an accumulator of every key';
    return [
      {
        guard: 'unbounded-window',
        message: `window '${node.name}' (${node.windows.describe}) has no end and no trigger that purges: it keeps ${kept} for ever.`,
        cure: 'Use windows of time or .countWindow(n), or .trigger(purgingTrigger(countTrigger(n))).',
      },
    ];
  }
  if (!isEndlessSession(node)) return [];
  return [
    {
      guard: 'unbounded-window',
      message: `window '${node.name}' (${node.windows.describe}) ends after a gap that never comes: it keeps every session for ever.`,
      cure: "Give the session a gap that users make, such as session('30m').",
    },
  ];
};

function isBoundedGlobal({ trigger, evictor, contents, keyOf }: WindowNode): boolean {
  if (evictor !== undefined || (keyOf === undefined && contents.kind !== 'elements')) return true;
  // Without a trigger of its own it never fires, or only at an end that does not come.
  return trigger !== undefined && trigger.purges !== false;
}

function isEndlessSession({ windows }: WindowNode): boolean {
  if (windows.kind !== 'session') return false;
  // Every window of this kind has the field.
  const { gapMs } = windows as unknown as SessionWindows<never>;
  return gapMs !== undefined && gapMs >= ENDLESS_MS;
}
