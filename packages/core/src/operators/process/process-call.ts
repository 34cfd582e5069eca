import type { OperatorMetrics } from '../../metrics/index.ts';
import type {
  Clock,
  Receiver,
  RecordContext,
  SideOutput,
  StateBackend,
  StateSpec,
  StatesOf,
} from '../../model/index.ts';
import { KeyedStates, StateClock } from '../states/index.ts';
import { KeyTimers } from './key-timers.ts';
import { checkTime } from '../user-calls.ts';

/** What the context of process functions is made of. */
export interface ProcessCallOptions {
  readonly states: StateSpec;
  readonly state: StateBackend;
  readonly clock: Clock;
  readonly metrics: OperatorMetrics;
  readonly next: Receiver<unknown>;
  /** Whether values handed out by state are frozen, so that they cannot be changed in place. */
  readonly development: boolean;
  readonly sideOf: (tag: string) => Receiver<unknown> | undefined;
  /** Event time of the operator now. */
  readonly watermark: () => number;
  /** The same before the change that is on its way: up to it all timers have fired. */
  readonly passed: () => number;
  /** A timer of event time was registered. */
  readonly lowerAlert: (timeMs: number) => void;
}

/** What process functions see. One object per operator, pointed at one record or timer after the other. */
export class ProcessCall implements RecordContext<unknown, StateSpec, unknown> {
  readonly state: StatesOf<StateSpec>;
  readonly timers: KeyTimers;
  key: unknown = undefined;
  timestamp = NaN;
  /** Timestamp of what is emitted to the main output, and to side outputs (R24). */
  private mainTimestamp = NaN;
  private sideTimestamp = NaN;
  private readonly o: ProcessCallOptions;
  private readonly states: KeyedStates<StateSpec>;
  private readonly stateClock: StateClock;

  constructor(options: ProcessCallOptions) {
    this.o = options;
    this.timers = new KeyTimers(options.state);
    this.stateClock = new StateClock(options.clock);
    this.states = new KeyedStates(options.states, options.state, 'state.', this.stateClock, options.development);
    this.state = this.states.states;
  }

  get watermark(): number {
    return this.o.watermark();
  }

  get processingTime(): number {
    return this.o.clock.now();
  }

  /** The context for a record. */
  ofRecord(key: unknown, timestampMs: number): this {
    this.point(key, timestampMs, timestampMs, timestampMs);
    this.stateClock.atWatermark(this.o.watermark(), timestampMs);
    this.states.sweep();
    return this;
  }

  /** The context for a timer. */
  ofTimer(key: unknown, timeMs: number, clock: 'event' | 'processing'): this {
    if (clock === 'event') {
      this.point(key, timeMs, timeMs, timeMs);
      this.stateClock.atTimer(timeMs, this.o.passed());
    } else {
      this.point(key, NaN, NaN, timeMs);
      this.stateClock.atWatermark(this.o.watermark(), NaN);
    }
    return this;
  }

  emit(value: unknown): void {
    this.o.metrics.out++;
    this.o.next.process(value, this.mainTimestamp);
  }

  side<T>(tag: SideOutput<T>, value: T): void {
    this.o.sideOf(tag.name)?.process(value, this.sideTimestamp);
  }

  registerEventTimer(timeMs: number): void {
    checkTime('registerEventTimer', timeMs);
    this.timers.register('event', this.key, timeMs);
    this.o.lowerAlert(timeMs);
  }

  deleteEventTimer(timeMs: number): void {
    this.timers.delete('event', this.key, timeMs);
  }

  registerProcessingTimer(timeMs: number): void {
    checkTime('registerProcessingTimer', timeMs);
    this.timers.register('processing', this.key, timeMs);
  }

  deleteProcessingTimer(timeMs: number): void {
    this.timers.delete('processing', this.key, timeMs);
  }

  private point(key: unknown, timestamp: number, main: number, side: number): void {
    this.key = key;
    this.states.key = key;
    this.timestamp = timestamp;
    this.mainTimestamp = main;
    this.sideTimestamp = side;
  }
}
