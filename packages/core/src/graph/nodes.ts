import type {
  AggregateSpec,
  Evictor,
  Sink,
  Source,
  StateSpec,
  Trigger,
  WatermarkStrategy,
  WindowAssigner,
  WindowProcessFunction,
} from '../model/index.ts';

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

/** So many per second: a number, or a number with `/s`. */
export type Rate = number | `${number}/s`;

/**
 * Limits how fast a source is read, over all of its partitions, which take turns. Where both are given, both hold.
 *
 * @example flow.from('orders', source, { rateLimit: { records: '5000/s' } })
 */
export interface RateLimit {
  /** Records per second. Default: no limit. */
  readonly records?: Rate;
  /** Bytes per second, as the source reads them. Only for sources that know sizes, such as files and Kafka. Default: no limit. */
  readonly bytes?: Rate;
  /** Older name of `records`. */
  readonly recordsPerSecond?: number;
}

/** A rate limit as the runtime takes it; Infinity: no limit. */
export interface SourceRate {
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
}

export interface SourceNode extends NodeBase {
  readonly kind: 'source';
  readonly source: Source<unknown>;
  readonly watermarks: WatermarkStrategy<never> | undefined;
  readonly rateLimit: SourceRate | undefined;
}

export interface FunctionNode extends NodeBase {
  readonly kind: 'map' | 'filter' | 'flatMap' | 'split' | 'keyBy';
  readonly fn: UserFunction;
}

export interface UnionNode extends NodeBase {
  readonly kind: 'union';
}

/** Timestamps and watermarks given anew in the middle of a graph (R28). */
export interface AssignTimestampsNode extends NodeBase {
  readonly kind: 'assignTimestamps';
  readonly strategy: WatermarkStrategy<never>;
}

/** What is computed incrementally: named aggregates, or a reduction. */
export type Incremental =
  | { readonly kind: 'aggregate'; readonly spec: AggregateSpec<never> }
  | { readonly kind: 'reduce'; readonly fn: UserFunction };

/** What a window keeps of its records: accumulators, or all of them. */
export type WindowContents = Incremental | { readonly kind: 'elements' };

/** How a firing becomes records: as `{ key, window, value }` or a projection of it, or by a function of the program. */
export type WindowEmission =
  | { readonly kind: 'project'; readonly project: UserFunction | undefined }
  | { readonly kind: 'process'; readonly fn: WindowProcessFunction<never, never, StateSpec, StateSpec, unknown> };

export interface WindowNode extends NodeBase {
  readonly kind: 'window';
  readonly windows: WindowAssigner<never>;
  /** Selector of the key; `undefined` for `windowAll`. */
  readonly keyOf: UserFunction | undefined;
  /** `undefined`: the default of the windows. */
  readonly trigger: Trigger<never> | undefined;
  readonly evictor: Evictor<never> | undefined;
  readonly allowedLatenessMs: number;
  readonly late: { readonly name: string } | undefined;
  readonly contents: WindowContents;
  readonly emission: WindowEmission;
}

/** Callbacks of a process function as the graph keeps them; the fluent API checked their types. */
export interface ProcessCallbacks {
  readonly state?: StateSpec;
  readonly onRecord?: UserFunction;
  readonly onRecord1?: UserFunction;
  readonly onRecord2?: UserFunction;
  readonly onEventTimer?: UserFunction;
  readonly onProcessingTimer?: UserFunction;
}

/** A function with keyed state and timers. */
export interface ProcessNode extends NodeBase {
  readonly kind: 'process';
  readonly keyOf: UserFunction;
  readonly fn: ProcessCallbacks;
}

/** A function of two streams with one key. */
export interface CoProcessNode extends NodeBase {
  readonly kind: 'coProcess';
  /** Selectors of the key, one per input. */
  readonly keysOf: readonly [UserFunction, UserFunction];
  readonly fn: ProcessCallbacks;
}

/** An aggregate per key over the whole stream, emitted anew with every record. */
export interface RunningNode extends NodeBase {
  readonly kind: 'running';
  readonly keyOf: UserFunction;
  readonly compute: Incremental;
  readonly project: UserFunction | undefined;
}

/** Lets only the first record of each id through. */
export interface DedupeNode extends NodeBase {
  readonly kind: 'dedupe';
  readonly keyOf: UserFunction;
  readonly by: UserFunction;
  /** `undefined`: for ever. */
  readonly withinMs: number | undefined;
}

export interface SinkNode extends NodeBase {
  readonly kind: 'sink';
  readonly sink: Sink<never>;
}

/** A node of the graph: frozen data plus the functions of the program. */
export type GraphNode =
  | SourceNode
  | FunctionNode
  | UnionNode
  | AssignTimestampsNode
  | WindowNode
  | ProcessNode
  | CoProcessNode
  | RunningNode
  | DedupeNode
  | SinkNode;

/** A whole program as data. `nodes[i].id === i`; inputs come before the nodes that read them. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
}
