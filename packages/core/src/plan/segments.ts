import type { GraphNode } from '../graph/index.ts';
import type { PlannedSegment, SegmentIndex } from './plan.ts';

/** Nodes at which event time is handed on: they begin it, or have timers that fire before it goes on. */
const BEGIN = new Set<GraphNode['kind']>(['source', 'assignTimestamps', 'window', 'process', 'coProcess', 'dedupe']);

/**
 * Whether event time is handed on at this node: sources begin it, operators with timers hold it up, a union of different
 * segments combines them. Everything else is part of the segment in front of it.
 */
export function beginsSegment(node: GraphNode, inputSegments: readonly SegmentIndex[]): boolean {
  return BEGIN.has(node.kind) || (node.kind === 'union' && inputSegments.length > 1);
}

/** Whether it keeps state although event time just passes through it. */
export function keepsState(node: GraphNode): boolean {
  return node.kind === 'running';
}

/** Numbers segments in the order in which they begin. */
export class SegmentNumbers {
  readonly segments: PlannedSegment[] = [];
  private readonly ofNode = new Map<number, SegmentIndex>();

  begin(node: GraphNode): SegmentIndex {
    const index = this.segments.length;
    this.segments.push(Object.freeze({ index, beginsAt: node.name }));
    this.ofNode.set(node.id, index);
    return index;
  }

  join(node: GraphNode, segment: SegmentIndex): void {
    this.ofNode.set(node.id, segment);
  }

  of(nodeId: number): SegmentIndex {
    return this.ofNode.get(nodeId) as SegmentIndex;
  }
}
