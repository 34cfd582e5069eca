import type { OperatorMetrics } from '../metrics/index.ts';
import type {
  Clock,
  OperatorCell,
  Receiver,
  StateBackend,
  WatermarkGenerator,
  WatermarkStrategy,
} from '../model/index.ts';
import { decodeTime, encodeTime, IdleTimer, type EncodedTime, type Segment } from '../time/index.ts';
import type { Joint } from './joint.ts';
import { OperatorFailure } from './operator-failure.ts';
import type { StepControl } from './step-control.ts';
import type { InnerTimeOrigin } from './time-origin.ts';

/** What an assigner is made of. */
export interface AssignTimestampsOptions {
  readonly name: string;
  /** Position in the graph's order. */
  readonly index: number;
  readonly strategy: WatermarkStrategy<unknown>;
  /** Whether all input ends some day: then it is never idle. */
  readonly bounded: boolean;
  readonly input: Segment;
  readonly output: Segment;
  readonly next: Receiver<unknown>;
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
  readonly control: StepControl;
  readonly clock: Clock;
}

/** With watermarks per record there is no periodic emit at which to look for silence: so many looks per time-out then. */
const LOOKS_PER_TIMEOUT = 4;

/**
 * Gives timestamps and watermarks anew (R28): what comes from in front is swallowed, but for the end of the stream. A
 * segment of event time begins here, with one generator.
 */
export class AssignTimestampsOperator implements Receiver<unknown>, Joint, InnerTimeOrigin {
  readonly index: number;
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  mustRaise = false;
  nextEmitMs: number;
  private readonly o: AssignTimestampsOptions;
  private readonly generator: WatermarkGenerator<unknown>;
  private readonly generatorCell: OperatorCell<EncodedTime>;
  private readonly perRecord: boolean;
  private readonly everyMs: number;
  private readonly idleTimer: IdleTimer | undefined;
  /** What the generator has come to. */
  private reached = -Infinity;
  /** What goes out next, where that waits for a raise. */
  private idleNext = false;
  private awake = false;

  constructor(options: AssignTimestampsOptions) {
    const { strategy, clock, bounded, state } = options;
    this.o = options;
    this.index = options.index;
    this.inputs = [options.input];
    this.output = options.output;
    this.generator = strategy.createGenerator();
    this.generatorCell = state.cell<EncodedTime>('generator', encodeTime(this.generator.snapshot()));
    this.perRecord = strategy.emit === 'record';
    const idleAfterMs = bounded ? Infinity : strategy.idleAfterMs;
    this.idleTimer = idleAfterMs === Infinity ? undefined : new IdleTimer(idleAfterMs);
    this.everyMs = strategy.emit === 'record' ? idleAfterMs / LOOKS_PER_TIMEOUT : strategy.emit.everyMs;
    this.nextEmitMs = clock.now() + this.everyMs;
  }

  process(value: unknown, timestampMs: number): void {
    this.wake();
    const { metrics, next } = this.o;
    metrics.in++;
    const timestamp = this.timestampOf(value, timestampMs);
    metrics.out++;
    try {
      next.process(value, timestamp);
    } finally {
      // Its time has come all the same: what is late must not depend on what operators do with a record.
      this.passTime(value, timestamp);
    }
  }

  /** Watermarks from in front mean nothing here. */
  sync(): void {}

  /** Timers behind it wait for its own watermarks only, and for the end of the stream, which always comes through. */
  lowerAlert(): void {}

  announce(): void {
    this.wake();
  }

  /** In a sweep: the end of the stream, or records that an operator in front emitted in it. */
  advance(): boolean {
    this.wake();
    const { input, output } = this.o;
    if (input.watermark === Infinity && output.watermark < Infinity) {
      // What the generator has come to goes first, as at the end of input.
      if (this.reached > output.watermark && output.alert <= this.reached) {
        this.raise();
        this.mustRaise = true;
        return true;
      }
      output.changed = true;
      output.watermark = Infinity;
      output.idle = false;
      this.mustRaise = false;
      return true;
    }
    if (this.mustRaise) this.raise();
    return true;
  }

  emitPeriodic(nowMs: number): void {
    this.wake();
    this.nextEmitMs = nowMs + this.everyMs;
    this.emit(nowMs);
  }

  /** The input has ended: emits once more. */
  finish(): void {
    this.wake();
    this.emit(this.o.clock.now());
  }

  raise(): void {
    const { output } = this.o;
    const ended = this.o.input.watermark === Infinity && this.reached <= output.watermark;
    const watermark = Math.max(output.watermark, ended ? Infinity : this.reached);
    if (ended) this.idleNext = false;
    output.changed = watermark > output.watermark || output.idle !== this.idleNext;
    output.watermark = watermark;
    output.idle = this.idleNext;
    this.mustRaise = false;
  }

  private emit(nowMs: number): void {
    if (this.idleTimer?.isIdle(nowMs) === true) {
      if (!this.output.idle) {
        this.idleNext = true;
        this.mustRaise = true;
      }
    } else if (this.reached > this.output.watermark) {
      this.idleNext = false;
      this.mustRaise = true;
    }
  }

  private passTime(value: unknown, timestamp: number): void {
    this.idleTimer?.activity();
    if (Number.isNaN(timestamp)) return;
    const watermark = this.generator.onEvent(value, timestamp);
    if (watermark <= this.reached) return;
    this.reached = watermark;
    this.generatorCell.set(encodeTime(this.generator.snapshot()));
    const { output, control } = this.o;
    if (!this.perRecord || watermark <= output.watermark) return;
    this.idleNext = false;
    if (watermark < output.alert && !output.idle && !output.changed) {
      output.watermark = watermark;
      return;
    }
    this.mustRaise = true;
    control.requestRaise(this.index);
  }

  private timestampOf(value: unknown, timestampMs: number): number {
    let timestamp: unknown;
    try {
      timestamp = this.o.strategy.timestampOf(value, timestampMs);
      if (typeof timestamp === 'number' && Math.abs(timestamp) <= Number.MAX_SAFE_INTEGER) return timestamp;
      if (this.o.strategy.keepsTimestamps && Number.isNaN(timestampMs)) return NaN;
    } catch (cause) {
      this.o.metrics.deadLettered++;
      throw new OperatorFailure({ operator: this.o.name, what: 'timestamp function', cause });
    }
    this.o.metrics.deadLettered++;
    const cause = new TypeError(`it returned ${String(timestamp)}, but must return epoch milliseconds`);
    const what = 'timestamp function';
    throw new OperatorFailure({ operator: this.o.name, what, code: 'RECORD_NO_TIMESTAMP', cause });
  }

  /** After a restore: the generator goes on, and knows what it had emitted. */
  private wake(): void {
    if (this.awake) return;
    this.awake = true;
    this.generator.restore(decodeTime(this.generatorCell.get()));
    this.reached = Math.max(this.generator.snapshot(), this.output.watermark);
    this.idleNext = this.output.idle;
  }
}
