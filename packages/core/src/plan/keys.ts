import type { Graph, GraphNode, NodeInput } from '../graph/index.ts';

/** `keyBy` is logical: it moves nothing, it says how the operator behind it groups records. */
export function withoutLogicalNodes(graph: Graph, inputs: readonly NodeInput[]): readonly NodeInput[] {
  return inputs.map((input) => {
    const node = graph.nodes[input.node] as GraphNode;
    return node.kind === 'keyBy' ? (withoutLogicalNodes(graph, node.inputs)[0] as NodeInput) : input;
  });
}

/** The `keyBy` directly in front of a node. */
export function keyedBy(graph: Graph, node: GraphNode): string | undefined {
  const before = node.inputs[0] === undefined ? undefined : graph.nodes[node.inputs[0].node];
  return before?.kind === 'keyBy' ? before.name : undefined;
}
