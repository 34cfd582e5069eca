import type { Receiver, RecordContext, StateSpec } from '../../model/index.ts';
import type { Coalescer, Segment } from '../../time/index.ts';
import { InputTime } from '../input-time.ts';
import type { Joint } from '../joint.ts';
import type { ProcessingTimers } from '../processing-timers.ts';
import { ProcessCore, type ProcessCoreOptions, type TimerFunctions } from './process-core.ts';

type OnRecord = (value: unknown, context: RecordContext<unknown, StateSpec, unknown>) => void;

/** What a process operator of two inputs is made of. */
export interface CoProcessOperatorOptions extends ProcessCoreOptions {
  readonly keysOf: readonly [(value: unknown) => unknown, (value: unknown) => unknown];
  readonly fn: TimerFunctions & { onRecord1: OnRecord; onRecord2: OnRecord };
  /** One segment for both inputs where they come from one, else two. */
  readonly inputs: readonly Segment[];
  readonly output: Segment;
}

/** A function of two streams with shared state and timers. Its event time is that of both inputs combined (R29, R31, R32). */
export class CoProcessOperator implements Joint, ProcessingTimers {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  /** Where the records of the first and of the second stream go in. */
  readonly first: Receiver<unknown>;
  readonly second: Receiver<unknown>;
  private readonly time: InputTime;
  private readonly core: ProcessCore;

  constructor(options: CoProcessOperatorOptions) {
    const { inputs, output, keysOf, fn } = options;
    this.inputs = inputs;
    this.output = output;
    this.time = new InputTime(inputs);
    this.core = new ProcessCore(options, fn, {
      watermark: () => this.time.watermark,
      passed: () => output.watermark,
      lowerAlert: (timeMs) => this.time.lowerAlert(timeMs, this.time.watermark),
    });
    this.first = this.receiver(fn.onRecord1.bind(fn), keysOf[0]);
    this.second = this.receiver(fn.onRecord2.bind(fn), keysOf[1]);
  }

  /** Its watermarks and idle marks are part of a snapshot. */
  get coalescer(): Coalescer {
    return this.time.coalescer;
  }

  get earliestProcessingTimer(): number {
    return this.core.earliestProcessingTimer;
  }

  sync(): void {
    const { time, output } = this;
    // While a change runs through the graph, event time changes in `advance` only: there timers fire with it.
    if (time.changing) return;
    time.combine();
    output.watermark = Math.max(time.watermark, output.watermark);
    output.idle = time.idle;
  }

  lowerAlert(timeMs: number): void {
    this.time.lowerAlert(timeMs, this.output.watermark);
  }

  announce(): void {
    const alert = Math.min(this.core.earliestEventTimer, this.output.alert);
    if (alert < Infinity) this.lowerAlert(alert);
  }

  advance(): boolean {
    const { time, output } = this;
    time.combine();
    // A timer in the past waits for the combined watermark to move, not for one of the inputs (R25).
    if (time.watermark > output.watermark && !this.core.fireTimers('event', time.watermark)) return false;
    output.changed = time.watermark > output.watermark || time.idle !== output.idle;
    output.watermark = time.watermark;
    output.idle = time.idle;
    return true;
  }

  fireProcessingTimers(nowMs: number): boolean {
    return this.core.fireTimers('processing', nowMs);
  }

  private receiver(onRecord: OnRecord, keyOf: (value: unknown) => unknown): Receiver<unknown> {
    return {
      process: (value, timestampMs) => {
        this.sync();
        this.core.record(onRecord, keyOf, value, timestampMs);
      },
    };
  }
}
