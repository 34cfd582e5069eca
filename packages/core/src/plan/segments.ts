import type { GraphNode } from '../graph/index.ts';
import type { PlannedSegment, SegmentIndex } from './plan.ts';

/**
 * Whether event time is handed on at this node: sources begin it, windows hold records back, a union of different
 * segments combines them. Everything else is part of the segment in front of it.
 */
export function beginsSegment(node: GraphNode, inputSegments: readonly SegmentIndex[]): boolean {
  if (node.kind === 'source' || node.kind === 'window') return true;
  return node.kind === 'union' && inputSegments.length > 1;
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
