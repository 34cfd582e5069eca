import type { Clock, SinkWriter } from '../model/index.ts';
import type { SinkMeter } from '../metrics/index.ts';
import type { Joint, ProcessingTimers, StepControl, TimeOrigin } from '../operators/index.ts';
import type { Segment } from '../time/index.ts';
import { Alignment } from './alignment.ts';
import type { Door } from './door.ts';
import type { Failures } from './failures.ts';
import { ReadingOrder } from './reading-order.ts';
import type { SourceTask } from './source-task.ts';
import { Sweep } from './sweep.ts';

/**
 * What a step came to:
 * - `worked`: something moved; step again.
 * - `waiting`: no source has a record; step again after a wake, or after `task.retryInMs`.
 * - `blocked`: a sink is full; step again after a wake.
 * - `finished`: all input ended and event time went to its end.
 * - `stopped`: `stop` was asked for and nothing is in flight.
 */
export type StepResult = 'worked' | 'waiting' | 'blocked' | 'finished' | 'stopped';

/** What a task is made of. */
export interface TaskParts {
  readonly sources: readonly SourceTask[];
  readonly joints: readonly Joint[];
  readonly processingTimers: readonly ProcessingTimers[];
  /** Assigners of timestamps in the middle of the graph, from source to sink. */
  readonly timeOrigins: readonly TimeOrigin[];
  readonly segments: readonly Segment[];
  /** Writers of all sinks, those of dead letters included. */
  readonly writers: readonly SinkWriter<never>[];
  /** Of these writers, in the same order. */
  readonly sinkMeters: readonly SinkMeter[];
  readonly control: StepControl;
  readonly failures: Failures;
  readonly door: Door;
  readonly clock: Clock;
}

/**
 * Steps for which output held back may keep the door shut: half a million results, a second or so. An iterator that has
 * not ended by then may never end, and `stop` must.
 */
const HELD_STEPS_MAX = 1000;

/**
 * One synchronous dataflow: everything between the sources and the sinks of a plan, moved by `step()`.
 *
 * Nothing here waits. A step does the first of these that applies, and bounds what it emits to one batch or 512 results:
 * 1. a sink is full: nothing
 * 2. an operator holds output back: emit some of it, the furthest down first
 * 3. event time is on its way through the graph: advance one operator
 * 4. a source, or an assigner of timestamps, reached a timer: begin with that
 * 5. timers of processing time are being fired, or a batch is not finished: go on with it
 * 6. nothing is in flight now: run what came through the door; stop if asked to; fire timers of processing time
 * 7. poll the next batch
 */
export class Task {
  readonly parts: TaskParts;
  /** After `waiting`: when to step again although nothing woke the task; milliseconds, or Infinity. */
  retryInMs = Infinity;
  /** For the test kit: timers of processing time wait although they are due. */
  holdsProcessingTimers = false;
  private readonly sweep: Sweep;
  private readonly order: ReadingOrder;
  private readonly alignment: Alignment;
  /** All that makes event time, from sink to source: what is further down is raised first. */
  private readonly origins: readonly TimeOrigin[];
  /** Timers of processing time that are being fired, with the time up to which. */
  private firing: { readonly timers: ProcessingTimers; readonly nowMs: number } | undefined;
  private current: SourceTask | undefined;
  private patience = HELD_STEPS_MAX;
  /** To be called once at the next moment at which nothing is in flight. */
  private cut: (() => void) | undefined;
  private stopping: 'no' | 'now' | 'drain' | 'draining' = 'no';

  constructor(parts: TaskParts) {
    this.parts = parts;
    this.sweep = new Sweep(parts.joints, parts.segments);
    this.order = new ReadingOrder(parts.sources);
    this.alignment = new Alignment(parts.sources, parts.clock.now());
    this.origins = [...parts.sources, ...parts.timeOrigins].sort((a, b) => b.index - a.index);
  }

  /** Whether nothing is in flight: the only moments at which a snapshot may be taken. */
  get quiet(): boolean {
    const raising = this.origins.some((origin) => origin.mustRaise);
    const underway = this.sweep.active || this.firing !== undefined || this.current?.busy === true;
    return !underway && this.parts.control.last === undefined && !raising;
  }

  /** Ends the task at the next quiet moment; `drain` sends event time to its end first. */
  stop(drain: boolean): void {
    this.parts.door.enqueue(() => {
      if (this.stopping === 'no') this.stopping = drain ? 'drain' : 'now';
    });
  }

  /** Runs `action` at the next moment at which nothing is in flight, before anything else is done there. */
  atQuiet(action: () => void): void {
    this.cut = action;
    this.parts.door.wake();
  }

  /** How long the last step took, milliseconds: batches are made to fit. */
  stepTook(ms: number): void {
    this.current?.stepTook(ms);
  }

  /** How long others had the thread in the middle of the work, milliseconds. */
  yieldTook(ms: number): void {
    this.current?.meter.worked(ms);
  }

  /** After a restore: alerts follow from timers. */
  announce(): void {
    this.sweep.announce();
  }

  step(): StepResult {
    const { control } = this.parts;
    if (!this.sinksReady()) return this.whileBlocked();
    if (!this.sweep.active) {
      const raising = this.origins.find((origin) => origin.mustRaise);
      if (raising !== undefined && !(control.last !== undefined && control.last.index > raising.index)) {
        return this.raise(raising);
      }
    }
    if (control.last !== undefined) {
      if (this.parts.door.hasActions && this.patience-- <= 0) return this.giveUpHeld();
      return this.guarded(() => control.last?.resume());
    }
    if (this.sweep.active) {
      const result = this.guarded(() => this.sweep.step());
      control.sweeping = this.sweep.active;
      return result;
    }
    if (this.firing !== undefined) return this.fire(this.firing);
    if (this.current?.busy === true) {
      this.current.pump();
      return 'worked';
    }
    return this.betweenBatches();
  }

  /** A sink that has no room must not keep a job from being cut, one that never has again not from being stopped. */
  private whileBlocked(): StepResult {
    if (!this.quiet) return 'blocked';
    this.takeCut();
    if (this.parts.door.hasActions) this.parts.door.runActions();
    return this.stopping === 'now' ? 'stopped' : 'blocked';
  }

  private takeCut(): void {
    const { cut } = this;
    this.cut = undefined;
    cut?.();
  }

  private giveUpHeld(): StepResult {
    this.parts.door.runActions();
    this.patience = HELD_STEPS_MAX;
    return this.stopping === 'now' ? 'stopped' : 'worked';
  }

  private betweenBatches(): StepResult {
    this.takeCut();
    this.parts.door.runActions();
    if (this.stopping === 'now') return 'stopped';
    if (this.stopping === 'draining') return 'finished';
    if (this.stopping === 'drain') {
      this.stopping = 'draining';
      for (const source of this.parts.sources) source.endTime();
      return 'worked';
    }
    const nowMs = this.parts.clock.now();
    if (this.emitPeriodic(nowMs)) return 'worked';
    const due = this.holdsProcessingTimers
      ? undefined
      : this.parts.processingTimers.find((timers) => timers.earliestProcessingTimer <= nowMs);
    if (due !== undefined) {
      this.sweep.sync();
      this.parts.control.origin = undefined;
      return this.fire((this.firing = { timers: due, nowMs }));
    }
    this.alignment.look(nowMs);
    const outcome = this.order.next();
    switch (outcome.kind) {
      case 'batch':
        this.current = outcome.source;
        if (outcome.source.startsTurn) this.sweep.sync();
        outcome.source.pump();
        return 'worked';
      case 'time':
        return 'worked';
      case 'waiting':
        this.retryInMs = Math.min(outcome.retryInMs, this.nextTimeMs - nowMs);
        return 'waiting';
      case 'ended':
        return 'finished';
    }
  }

  /** Periodic watermarks that are due. Returns whether event time must be raised. */
  private emitPeriodic(nowMs: number): boolean {
    let raising = false;
    for (const origin of this.origins) {
      if (origin.nextEmitMs > nowMs) continue;
      origin.emitPeriodic(nowMs);
      if (origin.mustRaise) raising = true;
    }
    return raising;
  }

  /** When something is to be done by the clock although nothing came. */
  private get nextTimeMs(): number {
    let next = this.alignment.nextLookMs;
    for (const origin of this.origins) next = Math.min(next, origin.nextEmitMs);
    for (const timers of this.parts.processingTimers) next = Math.min(next, timers.earliestProcessingTimer);
    return next;
  }

  private raise(origin: TimeOrigin): StepResult {
    const { control } = this.parts;
    control.origin = undefined;
    this.sweep.sync();
    origin.raise();
    control.raised();
    this.sweep.start();
    control.sweeping = this.sweep.active;
    return 'worked';
  }

  private fire({ timers, nowMs }: { readonly timers: ProcessingTimers; readonly nowMs: number }): StepResult {
    return this.guarded(() => {
      if (timers.fireProcessingTimers(nowMs)) this.firing = undefined;
    });
  }

  /** Work that is not the record of a pump: its failures have the origin that the operator noted, or none. */
  private guarded(work: () => void): StepResult {
    try {
      work();
    } catch (thrown) {
      const { failures, control } = this.parts;
      failures.failed(thrown, control.origin, this.current?.eventTime);
    }
    return 'worked';
  }

  private sinksReady(): boolean {
    const { writers, sinkMeters } = this.parts;
    let ready = true;
    for (let i = 0; i < writers.length; i++) {
      if ((writers[i] as SinkWriter<never>).ready()) continue;
      ready = false;
      (sinkMeters[i] as SinkMeter).full = true;
    }
    return ready;
  }
}
