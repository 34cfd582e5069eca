import { OperatorMetrics } from '../metrics/index.ts';
import type { LateExample, Receiver, StateBackend } from '../model/index.ts';
import { fanOut, type InnerTimeOrigin, type Joint, type ProcessingTimers } from '../operators/index.ts';
import type { Plan, PlannedOperator } from '../plan/index.ts';
import { Segment, type Coalescer } from '../time/index.ts';
import { createOperator } from './create-operator.ts';
import type { BuildContext, Workbench } from './workbench.ts';

/** The operators of a plan, wired up to the sources, which come later. */
export interface BuiltOperators {
  readonly segments: readonly Segment[];
  /** From source to sink. */
  readonly joints: readonly Joint[];
  readonly processingTimers: readonly ProcessingTimers[];
  /** Operators in the middle of the graph that raise event time themselves. */
  readonly timeOrigins: readonly InnerTimeOrigin[];
  readonly metrics: ReadonlyMap<number, OperatorMetrics>;
  readonly states: ReadonlyMap<string, StateBackend>;
  /** Combined event time of unions and two-input operators, by their name; part of a snapshot. */
  readonly coalescers: ReadonlyMap<string, Coalescer>;
  /** Windows that can tell of their first late record, by node id. */
  readonly windows: ReadonlyMap<number, { readonly firstLate: LateExample | undefined }>;
  /** Consumers of a node's output: main (`undefined`), side output, or branch. `undefined` if nobody reads it. */
  receiver(node: number, port: string | number | undefined): Receiver<unknown> | undefined;
}

/** Operators whose outputs are not their inputs one to one. */
const NOT_ONE_TO_ONE = new Set(['flatMap', 'window', 'process', 'coProcess']);

/** Builds the operators of a plan from sinks to sources, so that each is born with its consumers. */
export function buildOperators(plan: Plan, context: BuildContext): BuiltOperators {
  return new OperatorBuilder(plan, context).build();
}

class OperatorBuilder implements BuiltOperators, Workbench {
  readonly context: BuildContext;
  readonly segments: Segment[] = [];
  readonly joints: Joint[] = [];
  readonly processingTimers: ProcessingTimers[] = [];
  readonly timeOrigins: InnerTimeOrigin[] = [];
  readonly metrics = new Map<number, OperatorMetrics>();
  readonly states = new Map<string, StateBackend>();
  readonly coalescers = new Map<string, Coalescer>();
  readonly windows = new Map<number, { readonly firstLate: LateExample | undefined }>();
  private readonly upstream = new Map<number, (timeMs: number) => void>();
  private readonly plan: Plan;
  /** Where an operator takes its records: one receiver per input. */
  private readonly entrances = new Map<number, readonly Receiver<unknown>[]>();

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
      this.entrances.set(operator.node.id, createOperator(operator, this));
    }
    this.joints.reverse();
    this.processingTimers.reverse();
    this.timeOrigins.reverse();
    return this;
  }

  receiver(node: number, port: string | number | undefined): Receiver<unknown> | undefined {
    const readers: Receiver<unknown>[] = [];
    for (const operator of this.plan.operators) {
      const entrances = this.entrances.get(operator.node.id);
      operator.inputs.forEach((input, index) => {
        if (input.node !== node || input.port !== port || entrances === undefined) return;
        readers.push((entrances[index] ?? entrances[0]) as Receiver<unknown>);
      });
    }
    return readers.length === 0 ? undefined : fanOut(readers);
  }

  metricsOf(operator: PlannedOperator): OperatorMetrics {
    return this.metrics.get(operator.node.id) as OperatorMetrics;
  }

  inputSegments(operator: PlannedOperator): readonly Segment[] {
    return operator.inputSegments.map((index) => this.segments[index] as Segment);
  }

  outputSegment(operator: PlannedOperator): Segment {
    return this.segments[operator.outputSegment] as Segment;
  }

  /** The state of an operator; to be called once. */
  createState(operator: PlannedOperator): StateBackend {
    const id = operator.stateId as string;
    const state = this.context.createState(id);
    this.states.set(id, state);
    return state;
  }

  /** Takes in an operator at which event time is handed on. */
  join(operator: PlannedOperator, joint: Joint): void {
    this.joints.push(joint);
    this.upstream.set(operator.outputSegment, (timeMs) => joint.lowerAlert(timeMs));
  }
}
