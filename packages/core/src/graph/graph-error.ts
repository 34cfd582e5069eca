import { MillraceError, type ErrorCode } from '../errors/index.ts';
import type { GraphNode } from './nodes.ts';

/** An error of a graph that names the node and the cure. */
export function graphError(code: ErrorCode, node: GraphNode, message: string): MillraceError {
  return new MillraceError(code, { message, fields: { node: node.id, name: node.name, kind: node.kind } });
}

/** `map 'orders.map'`: how a node is called in messages. */
export function called(node: GraphNode): string {
  return `${node.kind} '${node.name}'`;
}
