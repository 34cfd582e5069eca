import type { GraphNode } from '../../graph/index.ts';
import type { GuardFinding, StateSpec } from '../../model/index.ts';
import type { Guard } from './guard.ts';

/**
 * State of keys that never goes, over input that never ends. Functions with timers are taken to clear it with them; a function
 * of windows with `clear`, there.
 */
export const unboundedState: Guard = ({ node, bounded }) => {
  if (bounded) return [];
  if (node.kind === 'dedupe') return node.withinMs === undefined ? [endlessDedupe(node.name)] : [];
  const names = Object.entries(endlessStates(node) ?? {}).flatMap(([name, { ttl }]) =>
    ttl === undefined ? [name] : [],
  );
  if (names.length === 0) return [];
  return [
    {
      guard: 'unbounded-state',
      message: `${node.kind} '${node.name}' keeps state '${names.join("', '")}' of every key it has ever seen: it has no time to live.`,
      cure: "Give it one, such as valueState({ ttl: { after: '7d' } }), or clear it with a timer.",
    },
  ];
};

function endlessStates(node: GraphNode): StateSpec | undefined {
  if (node.kind === 'process' || node.kind === 'coProcess') {
    const { state, onEventTimer, onProcessingTimer } = node.fn;
    return onEventTimer === undefined && onProcessingTimer === undefined ? state : undefined;
  }
  if (node.kind !== 'window' || node.emission.kind !== 'process') return undefined;
  const { fn } = node.emission;
  return fn.clear === undefined ? fn.keyState : undefined;
}

function endlessDedupe(name: string): GuardFinding {
  return {
    guard: 'unbounded-state',
    message: `dedupe '${name}' remembers every id it has ever seen: it has no \`within\`.`,
    cure: "Say how far apart duplicates may be, such as .dedupe({ by, within: '1h' }).",
  };
}
