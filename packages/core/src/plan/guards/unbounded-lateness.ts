import { formatDuration } from '../../internal/duration.ts';
import { ENDLESS_MS, type Guard } from './guard.ts';

/** Allowed lateness that never ends: every window of every key is kept for late records. */
export const unboundedLateness: Guard = ({ node, bounded }) => {
  if (bounded || node.kind !== 'window' || node.windows.time !== 'event' || node.allowedLatenessMs < ENDLESS_MS)
    return [];
  return [
    {
      guard: 'unbounded-lateness',
      message: `window '${node.name}' allows lateness of ${formatDuration(node.allowedLatenessMs)}: it keeps every window of every key.`,
      cure: "Allow what records really need, such as .allowedLateness('1d'), and take later ones with .lateTo(tag).",
    },
  ];
};
