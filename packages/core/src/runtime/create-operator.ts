import { neverHappens } from '../errors/index.ts';
import type {
  AssignTimestampsNode,
  CoProcessNode,
  DedupeNode,
  FunctionNode,
  GraphNode,
  ProcessNode,
  RunningNode,
} from '../graph/index.ts';
import type { Receiver, SinkWriter } from '../model/index.ts';
import {
  AssignTimestampsOperator,
  CoProcessOperator,
  DedupeOperator,
  FlatMapOperator,
  ProcessOperator,
  rowFunctionOf,
  RunningOperator,
  SinkOperator,
  SplitOperator,
  statelessOperator,
  UnionOperator,
  type IncrementalCompute,
} from '../operators/index.ts';
import type { PlannedOperator } from '../plan/index.ts';
import { Segment } from '../time/index.ts';
import { createWindow } from './create-window.ts';
import { callable, commonOf, nextOf } from './operator-parts.ts';
import type { Workbench } from './workbench.ts';

/** One operator as planned, with the node as what it is. */
type Planned<N extends GraphNode> = PlannedOperator & { readonly node: N };

/** Makes the operator and returns where it takes records: a receiver per input, none for sources. */
export function createOperator(operator: PlannedOperator, bench: Workbench): readonly Receiver<unknown>[] {
  const { node } = operator;
  switch (node.kind) {
    case 'source':
    case 'keyBy':
      return [];
    case 'map':
    case 'filter':
    case 'flatMap':
    case 'split':
      return [createStateless(operator, node, bench)];
    case 'sink': {
      const writer = bench.context.writers.get(node.id) as SinkWriter<unknown>;
      return [new SinkOperator(node.name, writer, bench.metricsOf(operator))];
    }
    case 'union':
      return [createUnion(operator, bench)];
    case 'assignTimestamps':
      return [createAssigner({ ...operator, node }, bench)];
    case 'window':
      return [createWindow(operator, node, bench)];
    case 'process':
      return [createProcess({ ...operator, node }, bench)];
    case 'coProcess':
      return createCoProcess({ ...operator, node }, bench);
    case 'running':
      return [createRunning({ ...operator, node }, bench)];
    case 'dedupe':
      return [createDedupe({ ...operator, node }, bench)];
    default:
      return neverHappens(node, 'kind of a node');
  }
}

function createStateless(operator: PlannedOperator, node: FunctionNode, bench: Workbench): Receiver<unknown> {
  const { control, compile } = bench.context;
  const metrics = bench.metricsOf(operator);
  const fn = callable(node.fn);
  if (node.kind === 'split') {
    const branches = [bench.receiver(node.id, 0), bench.receiver(node.id, 1)] as const;
    return new SplitOperator(node.name, fn, branches, metrics);
  }
  const next = nextOf(operator, bench);
  if (node.kind === 'flatMap') {
    const expand = fn as (value: unknown) => Iterable<unknown>;
    return new FlatMapOperator(node.name, expand, next, { index: operator.index, metrics, control });
  }
  return statelessOperator(node.kind === 'map' ? 'map' : 'filter', node.name, fn, next, metrics, compile);
}

function createUnion(operator: PlannedOperator, bench: Workbench): Receiver<unknown> {
  const inputs = bench.inputSegments(operator);
  // Streams of one segment have one watermark already; a coalescer of one input changes nothing.
  const begins = operator.stateId !== undefined;
  const output = begins ? bench.outputSegment(operator) : new Segment(undefined);
  const union = new UnionOperator(inputs, output, nextOf(operator, bench), bench.metricsOf(operator));
  if (!begins) return union;
  bench.coalescers.set(operator.node.name, union.coalescer);
  bench.join(operator, union);
  return union;
}

function createAssigner(operator: Planned<AssignTimestampsNode>, bench: Workbench): Receiver<unknown> {
  // The strategy was made for the records of this stream; the graph forgets their type.
  const strategy = operator.node.strategy as ConstructorParameters<typeof AssignTimestampsOperator>[0]['strategy'];
  const assigner = new AssignTimestampsOperator({ ...commonOf(operator, bench), strategy, bounded: operator.bounded });
  bench.timeOrigins.push(assigner);
  bench.join(operator, assigner);
  return assigner;
}

function createProcess(operator: Planned<ProcessNode>, bench: Workbench): Receiver<unknown> {
  const { node } = operator;
  const fn = node.fn as ConstructorParameters<typeof ProcessOperator>[0]['fn'];
  const process = new ProcessOperator({ ...commonOf(operator, bench), keyOf: callable(node.keyOf), fn });
  bench.join(operator, process);
  bench.processingTimers.push(process);
  return process;
}

function createCoProcess(operator: Planned<CoProcessNode>, bench: Workbench): readonly Receiver<unknown>[] {
  const { node } = operator;
  const fn = node.fn as ConstructorParameters<typeof CoProcessOperator>[0]['fn'];
  const keysOf = [callable(node.keysOf[0]), callable(node.keysOf[1])] as const;
  const inputs = bench.inputSegments(operator);
  const process = new CoProcessOperator({ ...commonOf(operator, bench), inputs, keysOf, fn });
  bench.join(operator, process);
  bench.processingTimers.push(process);
  bench.coalescers.set(node.name, process.coalescer);
  return [process.first, process.second];
}

function createRunning(operator: Planned<RunningNode>, bench: Workbench): Receiver<unknown> {
  const { node } = operator;
  const rows = rowFunctionOf(node.compute as IncrementalCompute, bench.context.compile);
  const emits = node.compute.kind === 'reduce' ? 'value' : 'keyed';
  const project = node.project === undefined ? undefined : callable(node.project);
  return new RunningOperator({ ...commonOf(operator, bench), keyOf: callable(node.keyOf), rows, emits, project });
}

function createDedupe(operator: Planned<DedupeNode>, bench: Workbench): Receiver<unknown> {
  const { node } = operator;
  const { by, keyOf, withinMs } = node;
  const time = operator.timed ? 'event' : 'processing';
  const dedupe = new DedupeOperator({
    ...commonOf(operator, bench),
    keyOf: callable(keyOf),
    by: callable(by),
    withinMs,
    time,
  });
  bench.join(operator, dedupe);
  bench.processingTimers.push(dedupe);
  return dedupe;
}
