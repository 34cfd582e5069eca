import type { RowFunction } from '../../aggregates/index.ts';
import type { OperatorMetrics } from '../../metrics/index.ts';
import type {
  Clock,
  Evictor,
  LateExample,
  Receiver,
  StateBackend,
  StateSpec,
  Trigger,
  WindowAssigner,
  WindowProcessFunction,
  WindowResult,
} from '../../model/index.ts';
import type { Segment } from '../../time/index.ts';
import type { StepControl } from '../step-control.ts';

/** What a window operator of the general path is made of. */
export interface WindowOperatorOptions {
  readonly name: string;
  readonly windows: WindowAssigner<unknown>;
  /** `undefined`: the default of the windows. */
  readonly trigger: Trigger<unknown> | undefined;
  readonly evictor: Evictor<unknown> | undefined;
  readonly allowedLatenessMs: number;
  /** `undefined`: `windowAll`, whose key is null. */
  readonly keyOf: ((value: unknown) => unknown) | undefined;
  readonly contents: { readonly kind: 'rows'; readonly rows: RowFunction } | { readonly kind: 'elements' };
  readonly emit:
    | {
        readonly kind: 'project';
        readonly project: ((result: WindowResult<unknown, unknown>) => unknown) | undefined;
      }
    | { readonly kind: 'process'; readonly fn: WindowProcessFunction<unknown, unknown, StateSpec, StateSpec, unknown> };
  readonly input: Segment;
  readonly output: Segment;
  readonly next: Receiver<unknown>;
  /** Consumers of a side output of the window function; `undefined`: nobody reads it. */
  readonly sideOf: (tag: string) => Receiver<unknown> | undefined;
  /** Consumer of late records; `undefined`: they are dropped. They are counted either way. */
  readonly late: Receiver<unknown> | undefined;
  readonly onFirstLate: (example: LateExample) => void;
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
  readonly control: StepControl;
  readonly clock: Clock;
  /** Whether values of state are frozen. Default false. */
  readonly development?: boolean;
}
