import type { Graph, GraphNode } from './nodes.ts';

/**
 * Whether every source that feeds `node` has a watermark strategy, or timestamps are given on the way. Event-time
 * windows give their results timestamps (R24).
 */
export function hasTimestamps(graph: Graph, node: GraphNode): boolean {
  return node.inputs.every((input) => {
    const upstream = graph.nodes[input.node] as GraphNode;
    if (upstream.kind === 'source') return upstream.watermarks !== undefined;
    if (upstream.kind === 'assignTimestamps' || (upstream.kind === 'window' && upstream.windows.time === 'event')) {
      return true;
    }
    return hasTimestamps(graph, upstream);
  });
}
