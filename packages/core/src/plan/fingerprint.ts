import type { GraphNode, Incremental } from '../graph/index.ts';
import { detailsOf } from './explain.ts';
import type { Plan } from './plan.ts';

/**
 * What the state of each stateful operator and the positions of each source depend on, as text by name: windows, triggers,
 * lateness, aggregates, states, bounds. Operators without state may change freely. Functions cannot be compared.
 *
 * FROZEN: the texts stand in manifests. A change of a text refuses checkpoints that are still good.
 */
export function fingerprint(plan: Plan): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { node, stateId, windowPath, keyedBy } of plan.operators) {
    if (stateId === undefined && node.kind !== 'source') continue;
    const keyed = keyedBy === undefined ? '' : ' keyed';
    texts[node.name] = `${node.kind}${detailsOf(node, windowPath)}${keyed}${partsOf(node)}`;
  }
  return texts;
}

/** Names of aggregates and states: they are fields of what is stored. */
function partsOf(node: GraphNode): string {
  switch (node.kind) {
    case 'window': {
      const { contents, emission } = node;
      const states = emission.kind === 'process' ? statesOf(emission.fn.windowState, emission.fn.keyState) : '';
      return (contents.kind === 'elements' ? ' elements' : computed(contents)) + states;
    }
    case 'running':
      return computed(node.compute);
    case 'process':
    case 'coProcess':
      return statesOf(node.fn.state);
    default:
      return '';
  }
}

function computed(compute: Incremental): string {
  return compute.kind === 'reduce' ? ' reduce' : ` aggregate(${Object.keys(compute.spec).join(', ')})`;
}

function statesOf(...specs: (object | undefined)[]): string {
  const names = specs.flatMap((spec) => Object.entries(spec ?? {})).map(([name, state]) => `${name}: ${kindOf(state)}`);
  return names.length === 0 ? '' : ` states(${names.join(', ')})`;
}

function kindOf(state: unknown): string {
  return typeof state === 'object' && state !== null && 'kind' in state ? String(state.kind) : 'state';
}
