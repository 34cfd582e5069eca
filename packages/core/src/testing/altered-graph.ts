import type { Graph, GraphNode } from '../graph/index.ts';
import { inBatchesOf } from './limited-source.ts';
import { reluctant } from './reluctant-sink.ts';

/** How a driver may make life harder for a pipeline, without a change of the program. */
export interface Adversity {
  /** Most records a source gives in one batch. */
  readonly batchRecords?: number;
  /** Every sink is full after each step that wrote to it, and wakes the job a millisecond later. */
  readonly reluctantSinks?: boolean;
}

/** The same graph with its sources and sinks wrapped. */
export function alteredGraph(graph: Graph, { batchRecords, reluctantSinks = false }: Adversity): Graph {
  const alter = (node: GraphNode): GraphNode => {
    if (node.kind === 'source' && batchRecords !== undefined)
      return Object.freeze({ ...node, source: inBatchesOf(batchRecords, node.source) });
    if (node.kind === 'sink' && reluctantSinks) return Object.freeze({ ...node, sink: reluctant(node.sink) });
    return node;
  };
  return Object.freeze({ name: graph.name, nodes: Object.freeze(graph.nodes.map(alter)) });
}
