import type { OperatorMetrics } from '../metrics/index.ts';
import type {
  Clock,
  FunctionCompiler,
  LateExample,
  Logger,
  Receiver,
  SinkWriter,
  StateBackend,
} from '../model/index.ts';
import type { InnerTimeOrigin, Joint, ProcessingTimers, StepControl } from '../operators/index.ts';
import type { PlannedOperator } from '../plan/index.ts';
import type { Coalescer, Segment } from '../time/index.ts';

/** What the operators of a plan are built with. */
export interface BuildContext {
  readonly control: StepControl;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Writers of the plan's sinks, by node id. */
  readonly writers: ReadonlyMap<number, SinkWriter<unknown>>;
  readonly compile: FunctionCompiler | undefined;
  /** Whether values handed out by state are checked for changes in place. */
  readonly development: boolean;
  createState(operatorId: string): StateBackend;
}

/** Where operators are made: they find here what they need, and leave what others need of them. */
export interface Workbench {
  readonly context: BuildContext;
  readonly processingTimers: ProcessingTimers[];
  readonly timeOrigins: InnerTimeOrigin[];
  readonly coalescers: Map<string, Coalescer>;
  readonly windows: Map<number, { readonly firstLate: LateExample | undefined }>;
  receiver(node: number, port: string | number | undefined): Receiver<unknown> | undefined;
  metricsOf(operator: PlannedOperator): OperatorMetrics;
  inputSegments(operator: PlannedOperator): readonly Segment[];
  outputSegment(operator: PlannedOperator): Segment;
  /** The state of an operator; to be called once. */
  createState(operator: PlannedOperator): StateBackend;
  /** Takes in an operator at which event time is handed on. */
  join(operator: PlannedOperator, joint: Joint): void;
}
