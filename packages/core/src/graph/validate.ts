import { MillraceError } from '../errors/index.ts';
import { called, graphError } from './graph-error.ts';
import type { Graph, GraphNode, NodeInput } from './nodes.ts';
import { hasTimestamps } from './timestamps.ts';
import { refuseWindow } from './validate-window.ts';

/**
 * Refuses a graph that cannot mean what its author wanted. Every error names the node and the cure.
 *
 * @throws {MillraceError} `GRAPH_NO_SOURCE`, `GRAPH_NO_SINK`, `GRAPH_INVALID`, `GRAPH_CYCLE`, `GRAPH_DUPLICATE_NAME`,
 *   `GRAPH_UNCONNECTED`, `GRAPH_NO_TIMESTAMPS`
 */
export function validateGraph(graph: Graph): void {
  refuseEmpty(graph);
  refuseUnknownInputs(graph);
  refuseCycles(graph);
  refuseDuplicateNames(graph);
  refuseUnconnected(graph);
  refuseUnknownPorts(graph);
  refuseMissingTimestamps(graph);
  for (const node of graph.nodes) if (node.kind === 'window') refuseWindow(node);
}

function refuseEmpty(graph: Graph): void {
  if (!graph.nodes.some((node) => node.kind === 'source')) {
    throw new MillraceError('GRAPH_NO_SOURCE', {
      message: `Dataflow '${graph.name}' has no source. Begin with .from(name, source).`,
    });
  }
  if (!graph.nodes.some((node) => node.kind === 'sink')) {
    const last = graph.nodes.at(-1) as GraphNode;
    throw graphError(
      'GRAPH_NO_SINK',
      last,
      `Dataflow '${graph.name}' has no sink. End ${called(last)} with .to(name, sink).`,
    );
  }
}

function refuseUnknownInputs(graph: Graph): void {
  for (const node of graph.nodes) {
    const wanted = node.kind === 'source' ? 0 : node.kind === 'coProcess' ? 2 : 1;
    if (node.inputs.length < wanted || (node.kind === 'source' && node.inputs.length > 0)) {
      throw graphError(
        'GRAPH_INVALID',
        node,
        `${called(node)} has ${node.inputs.length} inputs, but must have ${wanted}.`,
      );
    }
    for (const input of node.inputs) {
      if (graph.nodes[input.node] === undefined) {
        throw graphError(
          'GRAPH_INVALID',
          node,
          `${called(node)} reads node ${input.node}, which is not part of this dataflow.`,
        );
      }
    }
  }
}

function refuseCycles(graph: Graph): void {
  const state = new Map<number, 'open' | 'done'>();
  const visit = (node: GraphNode, path: readonly string[]): void => {
    if (state.get(node.id) === 'done') return;
    if (state.get(node.id) === 'open') {
      const circle = [...path.slice(path.indexOf(node.name)), node.name].join(' -> ');
      throw graphError(
        'GRAPH_CYCLE',
        node,
        `${called(node)} reads its own output: ${circle}. A dataflow must not have circles.`,
      );
    }
    state.set(node.id, 'open');
    for (const input of node.inputs) visit(graph.nodes[input.node] as GraphNode, [...path, node.name]);
    state.set(node.id, 'done');
  };
  for (const node of graph.nodes) visit(node, []);
}

function refuseDuplicateNames(graph: Graph): void {
  const seen = new Map<string, GraphNode>();
  for (const node of graph.nodes) {
    const other = seen.get(node.name);
    if (other !== undefined) {
      throw graphError(
        'GRAPH_DUPLICATE_NAME',
        node,
        `Two nodes are named '${node.name}': a ${other.kind} and a ${node.kind}. Names identify state and metrics: give one another name.`,
      );
    }
    seen.set(node.name, node);
  }
}

function refuseUnconnected(graph: Graph): void {
  const read = new Set(graph.nodes.flatMap((node) => node.inputs.map((input) => input.node)));
  for (const node of graph.nodes) {
    if (node.kind === 'sink' || read.has(node.id)) continue;
    const cure = node.kind === 'keyBy' ? 'Go on with .window(...) or .process(...)' : 'End it with .to(name, sink)';
    throw graphError('GRAPH_UNCONNECTED', node, `${called(node)} goes nowhere. ${cure}, or remove it.`);
  }
}

function refuseUnknownPorts(graph: Graph): void {
  const sidesRead = new Set<string>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) {
      if (typeof input.port === 'string') sidesRead.add(sideKey(input));
      refuseUnknownPort(graph, node, input);
    }
  }
  for (const node of graph.nodes) {
    if (
      node.kind !== 'window' ||
      node.late === undefined ||
      sidesRead.has(sideKey({ node: node.id, port: node.late.name }))
    )
      continue;
    throw graphError(
      'GRAPH_UNCONNECTED',
      node,
      `Late records of ${called(node)} go to side output '${node.late.name}', which nobody reads. ` +
        'Read it with .side(tag), or drop .lateTo(tag).',
    );
  }
}

function refuseUnknownPort(graph: Graph, reader: GraphNode, input: NodeInput): void {
  const node = graph.nodes[input.node] as GraphNode;
  if (typeof input.port !== 'string' || writesSide(node, input.port)) return;
  throw graphError(
    'GRAPH_UNCONNECTED',
    node,
    `${called(reader)} reads side output '${input.port}' of ${called(node)}, which does not write to it. ` +
      'Name it there first, for instance with .lateTo(tag).',
  );
}

/** Functions of the program may write to any side output; which ones shows only when they run. */
function writesSide(node: GraphNode, tag: string): boolean {
  if (node.kind === 'process' || node.kind === 'coProcess') return true;
  return node.kind === 'window' && (node.late?.name === tag || node.emission.kind === 'process');
}

function sideKey(input: NodeInput): string {
  return JSON.stringify([input.node, input.port]);
}

function refuseMissingTimestamps(graph: Graph): void {
  for (const node of graph.nodes) {
    if (node.kind !== 'window' || node.windows.time !== 'event' || hasTimestamps(graph, node)) continue;
    throw graphError(
      'GRAPH_NO_TIMESTAMPS',
      node,
      `${called(node)} is an event-time window, but its records have no timestamps. ` +
        "Give the source a watermark strategy: .from(name, source, { watermarks: boundedOutOfOrderness('5s', (r) => r.time) }).",
    );
  }
}
