import type { Graph, GraphNode } from './nodes.ts';

/** Drawn with a double border. */
const WITH_STATE = new Set<GraphNode['kind']>(['window', 'process', 'coProcess', 'running', 'dedupe']);

/** The graph as a Mermaid flowchart, ready for a README. */
export function toMermaid(graph: Graph): string {
  const lines = ['flowchart LR'];
  for (const node of graph.nodes) lines.push(`  n${node.id}${shape(node)}`);
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      const label = input.port === undefined ? '' : `|${escaped(String(input.port))}|`;
      lines.push(`  n${input.node} -->${label} n${node.id}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function shape(node: GraphNode): string {
  const label = `"${escaped(`${node.kind}: ${node.name}`)}"`;
  if (node.kind === 'source') return `([${label}])`;
  if (node.kind === 'sink') return `[(${label})]`;
  return WITH_STATE.has(node.kind) ? `[[${label}]]` : `[${label}]`;
}

/** Mermaid reads `#code;` for characters that mean something to it. */
function escaped(text: string): string {
  return text.replace(/["#<>|[\]()]/g, (character) => `#${character.charCodeAt(0)};`);
}
