export { GraphBuilder, type NodeDraft } from './builder.ts';
export { toMermaid } from './mermaid.ts';
export type {
  AssignTimestampsNode,
  CoProcessNode,
  DedupeNode,
  FunctionNode,
  Graph,
  GraphNode,
  Incremental,
  NodeId,
  NodeInput,
  ProcessCallbacks,
  ProcessNode,
  Rate,
  RateLimit,
  RunningNode,
  SinkNode,
  SourceNode,
  SourceRate,
  UnionNode,
  UserFunction,
  WindowContents,
  WindowEmission,
  WindowNode,
} from './nodes.ts';
export { isBounded } from './bounded.ts';
export { hasTimestamps } from './timestamps.ts';
export { validateGraph } from './validate.ts';
