import type { Clock, SinkWriter } from '../model/index.ts';
import type { Joint, StepControl } from '../operators/index.ts';
import type { Segment } from '../time/index.ts';
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
  readonly segments: readonly Segment[];
  /** Writers of all sinks, those of dead letters included. */
  readonly writers: readonly SinkWriter<never>[];
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
 * 4. a source reached a timer: begin with that
 * 5. a batch is not finished: go on with it
 * 6. nothing is in flight now: run what came through the door; stop if asked to
 * 7. poll the next batch
 */
export class Task {
  readonly parts: TaskParts;
  /** After `waiting`: when to step again although nothing woke the task; milliseconds, or Infinity. */
  retryInMs = Infinity;
  private readonly sweep: Sweep;
  private readonly order: ReadingOrder;
  private current: SourceTask | undefined;
  private patience = HELD_STEPS_MAX;
  private stopping: 'no' | 'now' | 'drain' | 'draining' = 'no';

  constructor(parts: TaskParts) {
    this.parts = parts;
    this.sweep = new Sweep(parts.joints, parts.segments);
    this.order = new ReadingOrder(parts.sources);
  }

  /** Whether nothing is in flight: the only moments at which a snapshot may be taken. */
  get quiet(): boolean {
    const raising = this.parts.sources.some((source) => source.raiseTo !== undefined);
    return !this.sweep.active && this.parts.control.last === undefined && !raising && this.current?.busy !== true;
  }

  /** Ends the task at the next quiet moment; `drain` sends event time to its end first. */
  stop(drain: boolean): void {
    this.parts.door.enqueue(() => {
      if (this.stopping === 'no') this.stopping = drain ? 'drain' : 'now';
    });
  }

  /** After a restore: alerts follow from timers. */
  announce(): void {
    this.sweep.announce();
  }

  step(): StepResult {
    const { control } = this.parts;
    if (!this.sinksReady()) return this.stopsWhileBlocked() ? 'stopped' : 'blocked';
    if (control.last !== undefined) {
      if (this.parts.door.hasActions && this.patience-- <= 0) return this.giveUpHeld();
      return this.guarded(() => control.last?.resume());
    }
    if (this.sweep.active) return this.guarded(() => this.sweep.step());
    const raising = this.parts.sources.find((source) => source.raiseTo !== undefined);
    if (raising !== undefined) return this.raise(raising);
    if (this.current?.busy === true) {
      this.current.pump();
      return 'worked';
    }
    return this.betweenBatches();
  }

  /** A sink that never has room again must not keep a job from being stopped. */
  private stopsWhileBlocked(): boolean {
    if (this.parts.door.hasActions && this.quiet) this.parts.door.runActions();
    return this.stopping === 'now' && this.quiet;
  }

  private giveUpHeld(): StepResult {
    this.parts.door.runActions();
    this.patience = HELD_STEPS_MAX;
    return this.stopping === 'now' ? 'stopped' : 'worked';
  }

  private betweenBatches(): StepResult {
    this.parts.door.runActions();
    if (this.stopping === 'now') return 'stopped';
    if (this.stopping === 'draining') return 'finished';
    if (this.stopping === 'drain') {
      this.stopping = 'draining';
      for (const source of this.parts.sources) source.endTime();
      return 'worked';
    }
    if (this.emitPeriodic()) return 'worked';
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
        this.retryInMs = Math.min(outcome.retryInMs, ...this.parts.sources.map((source) => source.emitEveryMs));
        return 'waiting';
      case 'ended':
        return 'finished';
    }
  }

  private emitPeriodic(): boolean {
    let raised = false;
    for (const source of this.parts.sources) {
      if (source.emitEveryMs < Infinity && source.emitPeriodic(this.parts.clock.now())) raised = true;
    }
    return raised;
  }

  private raise(source: SourceTask): StepResult {
    this.parts.control.origin = undefined;
    this.sweep.sync();
    source.raise();
    this.sweep.start();
    return 'worked';
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
    let ready = true;
    for (const writer of this.parts.writers) if (!writer.ready()) ready = false;
    return ready;
  }
}
