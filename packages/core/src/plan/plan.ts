import type { GraphNode, NodeInput } from '../graph/index.ts';
import type { WindowPath } from './window-path.ts';

/** Index of a segment: a stretch of the graph with one current watermark. */
export type SegmentIndex = number;

/** One operator of a plan. */
export interface PlannedOperator {
  readonly node: GraphNode;
  /** Place in the order of the graph: everything an operator reads stands before it. */
  readonly index: number;
  /** What it reads, with logical nodes (`keyBy`) replaced by what stands in front of them. */
  readonly inputs: readonly NodeInput[];
  /** Segments it reads from, each once, in the order of its inputs. */
  readonly inputSegments: readonly SegmentIndex[];
  /** Segment it writes to: its own if it begins one, else that of its input. */
  readonly outputSegment: SegmentIndex;
  /** Name of the `keyBy` in front, where records arrive grouped by key. */
  readonly keyedBy: string | undefined;
  /** Under what its state is found again after a restart; `undefined`: it has none. */
  readonly stateId: string | undefined;
  /** Whether the records it reads have timestamps. */
  readonly timed: boolean;
  /** Whether everything it reads ends some day. */
  readonly bounded: boolean;
  /** Windows: how their state is laid out. */
  readonly windowPath: WindowPath | undefined;
}

/** A segment and the operator at which it begins. */
export interface PlannedSegment {
  readonly index: SegmentIndex;
  readonly beginsAt: string;
}

/** What the runtime runs: operators from source to sink. Frozen data. */
export interface Plan {
  readonly name: string;
  readonly operators: readonly PlannedOperator[];
  readonly segments: readonly PlannedSegment[];
}
