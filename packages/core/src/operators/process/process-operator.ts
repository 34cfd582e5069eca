import type { Receiver, RecordContext, StateSpec } from '../../model/index.ts';
import type { Segment } from '../../time/index.ts';
import type { Joint } from '../joint.ts';
import type { ProcessingTimers } from '../processing-timers.ts';
import { ProcessCore, type ProcessCoreOptions, type TimerFunctions } from './process-core.ts';

/** What a process operator is made of. */
export interface ProcessOperatorOptions extends ProcessCoreOptions {
  readonly keyOf: (value: unknown) => unknown;
  readonly fn: TimerFunctions & {
    onRecord(value: unknown, context: RecordContext<unknown, StateSpec, unknown>): void;
  };
  readonly input: Segment;
  readonly output: Segment;
}

/** A function with keyed state and timers (R23 to R25). */
export class ProcessOperator implements Receiver<unknown>, Joint, ProcessingTimers {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  private readonly input: Segment;
  private readonly keyOf: (value: unknown) => unknown;
  private readonly onRecord: ProcessOperatorOptions['fn']['onRecord'];
  private readonly core: ProcessCore;

  constructor(options: ProcessOperatorOptions) {
    const { input, output, fn } = options;
    this.input = input;
    this.inputs = [input];
    this.output = output;
    this.keyOf = options.keyOf;
    this.onRecord = fn.onRecord.bind(fn);
    this.core = new ProcessCore(options, fn, {
      watermark: () => input.watermark,
      passed: () => output.watermark,
      lowerAlert: (timeMs) => input.lowerAlert(timeMs),
    });
  }

  get earliestProcessingTimer(): number {
    return this.core.earliestProcessingTimer;
  }

  process(value: unknown, timestampMs: number): void {
    this.sync();
    this.core.record(this.onRecord, this.keyOf, value, timestampMs);
  }

  sync(): void {
    const { input, output } = this;
    if (input.watermark > output.watermark) output.watermark = input.watermark;
    output.idle = input.idle;
  }

  lowerAlert(timeMs: number): void {
    this.input.lowerAlert(timeMs);
  }

  announce(): void {
    this.input.lowerAlert(Math.min(this.core.earliestEventTimer, this.output.alert));
  }

  advance(): boolean {
    const { input, output } = this;
    // A timer in the past waits for the watermark to move, not for a change of idleness (R25).
    if (input.watermark > output.watermark && !this.core.fireTimers('event', input.watermark)) return false;
    output.changed = input.watermark > output.watermark || input.idle !== output.idle;
    output.watermark = input.watermark;
    output.idle = input.idle;
    return true;
  }

  fireProcessingTimers(nowMs: number): boolean {
    return this.core.fireTimers('processing', nowMs);
  }
}
