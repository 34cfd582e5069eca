import type { Graph, GraphNode } from './nodes.ts';

/** Whether every source that feeds `node`, or that it is, ends some day. */
export function isBounded(graph: Graph, node: GraphNode): boolean {
  if (node.kind === 'source') return node.source.bounded;
  return node.inputs.every((input) => isBounded(graph, graph.nodes[input.node] as GraphNode));
}
