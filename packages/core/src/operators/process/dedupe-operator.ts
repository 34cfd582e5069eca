import type { ErrorCode } from '../../errors/index.ts';
import type { OperatorMetrics } from '../../metrics/index.ts';
import type { Clock, KeyedStore, Receiver, StateBackend } from '../../model/index.ts';
import { canonicalKey } from '../../state/index.ts';
import type { Segment } from '../../time/index.ts';
import type { Joint } from '../joint.ts';
import { keyFor } from '../key-for.ts';
import { OperatorFailure } from '../operator-failure.ts';
import type { ProcessingTimers } from '../processing-timers.ts';
import { RESULTS_PER_STEP } from '../results-per-step.ts';
import type { StepControl } from '../step-control.ts';
import { FIRST_SEEN, FirstSeen } from './first-seen.ts';
import { KeyTimers, type TimerClock } from './key-timers.ts';

/** What a dedupe operator is made of. */
export interface DedupeOperatorOptions {
  readonly name: string;
  readonly keyOf: (value: unknown) => unknown;
  readonly by: (value: unknown) => unknown;
  /** How long an id is remembered, ms; `undefined`: for ever. */
  readonly withinMs: number | undefined;
  /** The clock of `withinMs`. */
  readonly time: TimerClock;
  readonly input: Segment;
  readonly output: Segment;
  readonly next: Receiver<unknown>;
  readonly state: StateBackend;
  readonly metrics: OperatorMetrics;
  readonly control: StepControl;
  readonly clock: Clock;
}

/**
 * Passes the first record of each id and drops its repetitions.
 *
 *   id x:   first at t ------------------ forgotten at t + within
 *           |<--- repetitions dropped --->|   the next one is a first one again
 *
 * By event time a record is a repetition iff its timestamp is below `first + within`, so one that comes out of order, and
 * is older than the first, is one too; the id is forgotten when the watermark reaches `first + within - 1`, after which no
 * record below is expected. A repetition that comes later still (a late record) passes as a first one. By the clock, the
 * time of arrival takes the place of the timestamp.
 */
export class DedupeOperator implements Receiver<unknown>, Joint, ProcessingTimers {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  private readonly o: DedupeOperatorOptions;
  private readonly store: KeyedStore<unknown, FirstSeen>;
  private readonly timers: KeyTimers;

  constructor(options: DedupeOperatorOptions) {
    this.o = options;
    this.inputs = [options.input];
    this.output = options.output;
    this.store = options.state.keyedStore<unknown, FirstSeen>('firstSeen', FIRST_SEEN);
    this.timers = new KeyTimers(options.state);
  }

  get earliestProcessingTimer(): number {
    return this.timers.earliest('processing');
  }

  process(value: unknown, timestampMs: number): void {
    const { metrics, next } = this.o;
    metrics.in++;
    if (!this.isFirst(value, timestampMs)) {
      metrics.filtered++;
      return;
    }
    this.sync();
    metrics.out++;
    next.process(value, timestampMs);
  }

  sync(): void {
    const { input, output } = this.o;
    if (input.watermark > output.watermark) output.watermark = input.watermark;
    output.idle = input.idle;
  }

  lowerAlert(timeMs: number): void {
    this.o.input.lowerAlert(timeMs);
  }

  announce(): void {
    this.o.input.lowerAlert(Math.min(this.timers.earliest('event'), this.output.alert));
  }

  advance(): boolean {
    const { input, output } = this.o;
    // A timer in the past waits for the watermark to move, not for a change of idleness (R25).
    if (input.watermark > output.watermark && !this.forgetUntil(input.watermark, 'event')) return false;
    output.changed = input.watermark > output.watermark || input.idle !== output.idle;
    output.watermark = input.watermark;
    output.idle = input.idle;
    return true;
  }

  fireProcessingTimers(nowMs: number): boolean {
    return this.forgetUntil(nowMs, 'processing');
  }

  private isFirst(value: unknown, timestampMs: number): boolean {
    const { keyOf, by, time, clock } = this.o;
    if (time === 'event' && Number.isNaN(timestampMs)) {
      this.fail('dedupe', new Error('the record has no timestamp'), 'RECORD_NO_TIMESTAMP');
    }
    let what = 'key selector';
    let key: unknown;
    let id: unknown;
    try {
      key = keyFor(keyOf, value);
      what = 'id of dedupe';
      id = canonicalKey(by(value));
    } catch (cause) {
      this.fail(what, cause);
    }
    return this.note(key, id, time === 'event' ? timestampMs : clock.now());
  }

  private note(key: unknown, id: unknown, at: number): boolean {
    let seen = this.store.edit(key);
    const first = seen?.ids.get(id);
    if (first !== undefined && (at === first || at < first + (this.o.withinMs ?? Infinity))) return false;
    if (seen === undefined) this.store.put(key, (seen = new FirstSeen(new Map())));
    const { earliest } = seen;
    seen.note(id, at);
    if (at < earliest) this.forgetLater(key, at);
    return true;
  }

  /** One timer per key, for its earliest id, is enough. */
  private forgetLater(key: unknown, at: number): void {
    const { withinMs, time, input } = this.o;
    if (withinMs === undefined) return;
    const forgottenAt = at + withinMs - this.lastMoment;
    this.timers.register(time, key, forgottenAt);
    if (time === 'event') input.lowerAlert(forgottenAt);
  }

  /** A watermark says that records of its own time have all come; the clock has only just begun its millisecond. */
  private get lastMoment(): 0 | 1 {
    return this.o.time === 'event' ? 1 : 0;
  }

  private forgetUntil(untilMs: number, clock: TimerClock): boolean {
    for (let i = 0; i < RESULTS_PER_STEP; i++) {
      if (this.o.control.interrupted) return false;
      if (!this.timers.fireNext(clock, untilMs, this.forget)) return true;
    }
    return false;
  }

  private readonly forget = (key: unknown, timeMs: number): void => {
    const seen = this.store.edit(key);
    if (seen === undefined) return;
    // There is a timer only if there is a `within`.
    seen.forget(timeMs + this.lastMoment - (this.o.withinMs as number));
    if (seen.ids.size === 0) this.store.delete(key);
    else if (seen.earliest < Infinity) this.forgetLater(key, seen.earliest);
  };

  private fail(what: string, cause: unknown, code?: ErrorCode): never {
    this.o.metrics.deadLettered++;
    const failure = { operator: this.o.name, what, cause };
    throw new OperatorFailure(code === undefined ? failure : { ...failure, code });
  }
}
