import type { OperatorMetrics } from '../../metrics/index.ts';
import type { Clock, ProcessContext, Receiver, RecordContext, StateBackend, StateSpec } from '../../model/index.ts';
import { keyFor } from '../key-for.ts';
import { OperatorFailure } from '../operator-failure.ts';
import { RESULTS_PER_STEP } from '../results-per-step.ts';
import type { StepControl } from '../step-control.ts';
import type { TimerClock } from './key-timers.ts';
import { ProcessCall, type ProcessCallOptions } from './process-call.ts';
import { refusePromise } from '../user-calls.ts';

type Callback = (timeMs: number, context: ProcessContext<unknown, StateSpec, unknown>) => void;

/** Callbacks for records and timers as the graph keeps them. */
export interface TimerFunctions {
  readonly state?: StateSpec;
  readonly onEventTimer?: Callback;
  readonly onProcessingTimer?: Callback;
}

/** What operators with process functions are made of, apart from their inputs. */
export interface ProcessCoreOptions {
  readonly name: string;
  readonly next: Receiver<unknown>;
  readonly sideOf: (tag: string) => Receiver<unknown> | undefined;
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
  readonly control: StepControl;
  readonly clock: Clock;
  /** Whether values handed out by state are frozen. */
  readonly development: boolean;
}

/** The part that process functions of one and of two inputs share: calling the function, firing its timers. */
export class ProcessCore {
  private readonly o: ProcessCoreOptions;
  private readonly fn: TimerFunctions;
  private readonly call: ProcessCall;

  constructor(
    options: ProcessCoreOptions,
    fn: TimerFunctions,
    time: Pick<ProcessCallOptions, 'watermark' | 'passed' | 'lowerAlert'>,
  ) {
    this.o = options;
    this.fn = fn;
    this.call = new ProcessCall({ ...options, ...time, states: fn.state ?? {} });
  }

  get earliestEventTimer(): number {
    return this.call.timers.earliest('event');
  }

  get earliestProcessingTimer(): number {
    return this.call.timers.earliest('processing');
  }

  /** Calls the function for a record. What it did before it threw stays done. */
  record(
    onRecord: (value: unknown, context: RecordContext<unknown, StateSpec, unknown>) => void,
    keyOf: (value: unknown) => unknown,
    value: unknown,
    timestampMs: number,
  ): void {
    const { metrics, name } = this.o;
    metrics.in++;
    let what = 'key selector';
    let key: unknown;
    try {
      key = keyFor(keyOf, value);
      what = 'process function';
      const returned: unknown = onRecord(value, this.call.ofRecord(key, timestampMs));
      refusePromise(returned, 'process functions');
    } catch (cause) {
      if (cause instanceof OperatorFailure) {
        // An operator behind this one has failed on what was emitted: this one is done with the record.
        metrics.absorbed++;
        throw cause;
      }
      metrics.deadLettered++;
      throw new OperatorFailure({ operator: name, what, cause, key });
    }
    metrics.absorbed++;
  }

  /** Fires timers at or below `untilMs`, at most 512 or so many results. Returns whether none is left. */
  fireTimers(clock: TimerClock, untilMs: number): boolean {
    const { metrics, control } = this.o;
    const stopAt = metrics.out + RESULTS_PER_STEP;
    for (let fired = 0; ; fired++) {
      if (control.interrupted || metrics.out >= stopAt || fired >= RESULTS_PER_STEP) return false;
      if (!this.call.timers.fireNext(clock, untilMs, clock === 'event' ? this.onEvent : this.onProcessing)) return true;
    }
  }

  private readonly onEvent = (key: unknown, timeMs: number): void => {
    if (this.fn.onEventTimer !== undefined) this.timer(this.fn.onEventTimer, key, timeMs, 'event');
  };

  private readonly onProcessing = (key: unknown, timeMs: number): void => {
    if (this.fn.onProcessingTimer !== undefined) this.timer(this.fn.onProcessingTimer, key, timeMs, 'processing');
  };

  private timer(callback: Callback, key: unknown, timeMs: number, clock: TimerClock): void {
    try {
      const returned: unknown = callback.call(this.fn, timeMs, this.call.ofTimer(key, timeMs, clock));
      refusePromise(returned, 'process functions');
    } catch (cause) {
      if (cause instanceof OperatorFailure) throw cause;
      throw new OperatorFailure({ operator: this.o.name, what: `${clock} timer at ${timeMs}`, cause, key });
    }
  }
}
