import { hasTimestamps, isBounded, validateGraph, type Graph } from '../graph/index.ts';
import { keyedBy, withoutLogicalNodes } from './keys.ts';
import { topologicalOrder } from './order.ts';
import type { Plan, PlannedOperator, SegmentIndex } from './plan.ts';
import { beginsSegment, keepsState, SegmentNumbers } from './segments.ts';
import { windowPath, type WindowPath } from './window-path.ts';

/** Options of `plan`. */
export interface PlanOptions {
  /** `'general'`: no window uses slices. Same results; for comparing the two. Default `'auto'`: slices where they serve. */
  readonly windows?: 'auto' | 'general';
}

/**
 * Graph to plan: pure, deterministic, and the only way to one.
 *
 * @throws {MillraceError} `GRAPH_...` if the graph is not valid
 */
export function plan(graph: Graph, options: PlanOptions = {}): Plan {
  validateGraph(graph);
  const numbers = new SegmentNumbers();
  const operators: PlannedOperator[] = [];
  for (const node of topologicalOrder(graph)) {
    const inputs = withoutLogicalNodes(graph, node.inputs);
    const inputSegments = [...new Set(inputs.map((input) => numbers.of(input.node)))];
    const begins = beginsSegment(node, inputSegments);
    const outputSegment = begins ? numbers.begin(node) : (inputSegments[0] as SegmentIndex);
    if (!begins) numbers.join(node, outputSegment);
    if (node.kind === 'keyBy') continue;
    const path: WindowPath | undefined = node.kind === 'window' ? windowPath(node) : undefined;
    operators.push(
      Object.freeze({
        node,
        index: operators.length,
        inputs,
        inputSegments,
        outputSegment,
        keyedBy: keyedBy(graph, node),
        stateId: begins || keepsState(node) ? node.name : undefined,
        timed: hasTimestamps(graph, node),
        bounded: isBounded(graph, node),
        windowPath: path === 'slices' && options.windows === 'general' ? 'general' : path,
      }),
    );
  }
  return Object.freeze({
    name: graph.name,
    operators: Object.freeze(operators),
    segments: Object.freeze(numbers.segments),
  });
}
