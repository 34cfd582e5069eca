import type { AggregateSpec, EventTimeWindows, Sink, Source, WatermarkStrategy } from '../model/index.ts';

/** Index of a node in its graph. */
export type NodeId = number;

/** A function of the program. What it takes and gives was checked where the fluent API took it. */
export type UserFunction = (...values: never[]) => unknown;

/** Which output of a node a stream reads: the main one, a side output, or a branch of `split`. */
export interface NodeInput {
  readonly node: NodeId;
  /** `undefined`: main output. Text: side output of this name. Number: branch of a split. */
  readonly port: string | number | undefined;
}

interface NodeBase {
  readonly id: NodeId;
  /** Unique in the graph; given by the program (`from`, `to`, `named`) or derived from the path that leads here. */
  readonly name: string;
  /** Whether the program chose the name. */
  readonly named: boolean;
  readonly inputs: readonly NodeInput[];
}

/** Limits how fast a source is read. */
export interface RateLimit {
  /** Records per second over all partitions of the source. */
  readonly recordsPerSecond: number;
}

export interface SourceNode extends NodeBase {
  readonly kind: 'source';
  readonly source: Source<unknown>;
  readonly watermarks: WatermarkStrategy<never> | undefined;
  readonly rateLimit: RateLimit | undefined;
}

export interface FunctionNode extends NodeBase {
  readonly kind: 'map' | 'filter' | 'flatMap' | 'split' | 'keyBy';
  readonly fn: UserFunction;
}

export interface UnionNode extends NodeBase {
  readonly kind: 'union';
}

/** What a window computes: named aggregates, or a reduction. */
export type WindowFunction =
  | { readonly kind: 'aggregate'; readonly spec: AggregateSpec<never> }
  | { readonly kind: 'reduce'; readonly fn: UserFunction };

export interface WindowNode extends NodeBase {
  readonly kind: 'window';
  readonly windows: EventTimeWindows;
  /** Selector of the key; `undefined` for `windowAll`. */
  readonly keyOf: UserFunction | undefined;
  readonly allowedLatenessMs: number;
  readonly late: { readonly name: string } | undefined;
  readonly compute: WindowFunction;
  /** Makes the row that goes on; `undefined`: `{ key, window, value }`. */
  readonly project: UserFunction | undefined;
}

export interface SinkNode extends NodeBase {
  readonly kind: 'sink';
  readonly sink: Sink<never>;
}

/** A node of the graph: frozen data plus the functions of the program. */
export type GraphNode = SourceNode | FunctionNode | UnionNode | WindowNode | SinkNode;

/** A whole program as data. `nodes[i].id === i`; inputs come before the nodes that read them. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
}
