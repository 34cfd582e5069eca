import { neverHappens } from '../errors/index.ts';
import type { FunctionNode, WindowNode } from '../graph/index.ts';
import { OperatorMetrics } from '../metrics/index.ts';
import type { FunctionCompiler, LateExample, Logger, Receiver, SinkWriter, StateBackend } from '../model/index.ts';
import {
  fanOut,
  FlatMapOperator,
  SinkOperator,
  SliceWindowOperator,
  SplitOperator,
  statelessOperator,
  UnionOperator,
  rowFunctionOf,
  type Joint,
  type StepControl,
  type WindowCompute,
} from '../operators/index.ts';
import type { Plan, PlannedOperator } from '../plan/index.ts';
import { Segment } from '../time/index.ts';

/** What the operators of a plan are built with. */
export interface BuildContext {
  readonly control: StepControl;
  readonly logger: Logger;
  /** Writers of the plan's sinks, by node id. */
  readonly writers: ReadonlyMap<number, SinkWriter<unknown>>;
  readonly compile: FunctionCompiler | undefined;
  createState(operatorId: string): StateBackend;
}

/** The operators of a plan, wired up to the sources, which come later. */
export interface BuiltOperators {
  readonly segments: readonly Segment[];
  /** From source to sink. */
  readonly joints: readonly Joint[];
  readonly metrics: ReadonlyMap<number, OperatorMetrics>;
  readonly states: ReadonlyMap<string, StateBackend>;
  readonly unions: ReadonlyMap<string, UnionOperator>;
  readonly windows: ReadonlyMap<number, SliceWindowOperator>;
  /** Consumers of a node's output: main (`undefined`), side output, or branch. `undefined` if nobody reads it. */
  receiver(node: number, port: string | number | undefined): Receiver<unknown> | undefined;
}

/** Operators whose outputs are not their inputs one to one. */
const NOT_ONE_TO_ONE = new Set(['flatMap', 'window']);

/** Builds the operators of a plan from sinks to sources, so that each is born with its consumers. */
export function buildOperators(plan: Plan, context: BuildContext): BuiltOperators {
  return new OperatorBuilder(plan, context).build();
}

class OperatorBuilder implements BuiltOperators {
  readonly segments: Segment[] = [];
  readonly joints: Joint[] = [];
  readonly metrics = new Map<number, OperatorMetrics>();
  readonly states = new Map<string, StateBackend>();
  readonly unions = new Map<string, UnionOperator>();
  readonly windows = new Map<number, SliceWindowOperator>();
  private readonly upstream = new Map<number, (timeMs: number) => void>();
  private readonly plan: Plan;
  private readonly context: BuildContext;
  private readonly built = new Map<number, Receiver<unknown>>();

  constructor(plan: Plan, context: BuildContext) {
    this.plan = plan;
    this.context = context;
    for (const { index } of plan.segments) {
      this.segments.push(new Segment({ lowerAlert: (timeMs) => this.upstream.get(index)?.(timeMs) }));
    }
  }

  build(): BuiltOperators {
    for (const operator of this.plan.operators) {
      this.metrics.set(operator.node.id, new OperatorMetrics(!NOT_ONE_TO_ONE.has(operator.node.kind)));
    }
    for (const operator of this.plan.operators.toReversed()) {
      const receiver = this.create(operator);
      if (receiver !== undefined) this.built.set(operator.node.id, receiver);
    }
    this.joints.reverse();
    return this;
  }

  receiver(node: number, port: string | number | undefined): Receiver<unknown> | undefined {
    const readers: Receiver<unknown>[] = [];
    for (const operator of this.plan.operators) {
      for (const input of operator.inputs) {
        if (input.node === node && input.port === port)
          readers.push(this.built.get(operator.node.id) as Receiver<unknown>);
      }
    }
    return readers.length === 0 ? undefined : fanOut(readers);
  }

  private create(operator: PlannedOperator): Receiver<unknown> | undefined {
    const { node } = operator;
    const metrics = this.metrics.get(node.id) as OperatorMetrics;
    const next = fanOut([this.receiver(node.id, undefined)].filter((receiver) => receiver !== undefined));
    switch (node.kind) {
      case 'source':
      case 'keyBy':
        return undefined;
      case 'map':
      case 'filter':
        return statelessOperator(node.kind, node.name, callable(node), next, metrics, this.context.compile);
      case 'flatMap': {
        const fn = callable(node) as (value: unknown) => Iterable<unknown>;
        return new FlatMapOperator(node.name, fn, next, {
          index: operator.index,
          metrics,
          control: this.context.control,
        });
      }
      case 'split':
        return new SplitOperator(
          node.name,
          callable(node),
          [this.receiver(node.id, 0), this.receiver(node.id, 1)],
          metrics,
        );
      case 'sink':
        return new SinkOperator(node.name, this.context.writers.get(node.id) as SinkWriter<unknown>, metrics);
      case 'union':
        return this.createUnion(operator, next, metrics);
      case 'window':
        return this.createWindow(operator, node, next, metrics);
      default:
        return neverHappens(node, 'kind of a node');
    }
  }

  private createUnion(operator: PlannedOperator, next: Receiver<unknown>, metrics: OperatorMetrics): Receiver<unknown> {
    const inputs = operator.inputSegments.map((index) => this.segments[index] as Segment);
    // Streams of one segment have one watermark already; a coalescer of one input changes nothing.
    const output =
      operator.stateId === undefined ? new Segment(undefined) : (this.segments[operator.outputSegment] as Segment);
    const union = new UnionOperator(inputs, output, next, metrics);
    if (operator.stateId === undefined) return union;
    this.unions.set(operator.stateId, union);
    this.join(operator, union);
    return union;
  }

  private createWindow(
    operator: PlannedOperator,
    node: WindowNode,
    next: Receiver<unknown>,
    metrics: OperatorMetrics,
  ): Receiver<unknown> {
    const stateId = operator.stateId as string;
    const state = this.context.createState(stateId);
    this.states.set(stateId, state);
    const window = new SliceWindowOperator({
      name: node.name,
      windows: node.windows,
      allowedLatenessMs: node.allowedLatenessMs,
      keyOf: (node.keyOf ?? (() => null)) as (value: unknown) => unknown,
      rows: rowFunctionOf(node.compute as WindowCompute, this.context.compile),
      // What `aggregate` and `reduce` took was checked there; the graph forgets the types.
      project: node.project as ((result: unknown) => unknown) | undefined,
      input: this.segments[operator.inputSegments[0] as number] as Segment,
      output: this.segments[operator.outputSegment] as Segment,
      next,
      late: node.late === undefined ? undefined : this.receiver(node.id, node.late.name),
      state,
      metrics,
      control: this.context.control,
      onFirstLate: (example) => this.reportLate(node, example),
    });
    this.windows.set(node.id, window);
    this.join(operator, window);
    return window;
  }

  private join(operator: PlannedOperator, joint: Joint): void {
    this.joints.push(joint);
    this.upstream.set(operator.outputSegment, (timeMs) => joint.lowerAlert(timeMs));
  }

  private reportLate(node: WindowNode, example: LateExample): void {
    const fate = node.late === undefined ? 'It is dropped' : `It goes to side output '${node.late.name}'`;
    this.context.logger.warn(
      `first late record at '${node.name}': its timestamp is ${example.timestamp}, ` +
        `its window [${example.windowStart}, ${example.windowEnd}) was over ` +
        `when event time reached ${example.watermark}. ${fate}; further ones are only counted.`,
      { operator: node.name, ...example },
    );
  }
}

/** The program's functions were checked where the API took them; the graph forgets their types. */
function callable(node: FunctionNode): (value: unknown) => unknown {
  return node.fn as (value: unknown) => unknown;
}
