export { GraphBuilder, type NodeDraft } from './builder.ts';
export { toMermaid } from './mermaid.ts';
export type {
  FunctionNode,
  Graph,
  GraphNode,
  NodeId,
  NodeInput,
  RateLimit,
  SinkNode,
  SourceNode,
  UnionNode,
  UserFunction,
  WindowFunction,
  WindowNode,
} from './nodes.ts';
export { validateGraph } from './validate.ts';
