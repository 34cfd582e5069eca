import type { Graph, GraphNode } from '../graph/index.ts';

/**
 * Nodes from sources to sinks: everything a node reads stands before it. Nodes that could stand in either order keep
 * that of the program, so the plan of a program is always the same. The graph must be free of circles.
 */
export function topologicalOrder(graph: Graph): readonly GraphNode[] {
  const ordered: GraphNode[] = [];
  const placed = new Set<number>();
  const place = (node: GraphNode): void => {
    if (placed.has(node.id)) return;
    placed.add(node.id);
    for (const input of node.inputs) place(graph.nodes[input.node] as GraphNode);
    ordered.push(node);
  };
  for (const node of graph.nodes) place(node);
  return ordered;
}
