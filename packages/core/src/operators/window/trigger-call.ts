import type { Clock, TriggerMergeContext, WindowTime } from '../../model/index.ts';
import type { Segment, TimerIndex } from '../../time/index.ts';
import { checkTime } from '../user-calls.ts';
import type { ProcessingTimes, WindowState } from './window-state.ts';

const NOTHING: readonly unknown[] = Object.freeze([]);

/** What triggers see of a window. One object per operator, pointed at one window after the other. */
export class TriggerCall implements TriggerMergeContext<unknown> {
  merged: readonly unknown[] = NOTHING;
  private window: WindowState | undefined;
  private readonly cleanedBy: WindowTime;
  private readonly input: Segment;
  private readonly clock: Clock;
  private readonly events: TimerIndex<WindowState>;
  private readonly processings: TimerIndex<ProcessingTimes>;

  /** @param cleanedBy the clock by which windows are cleaned up */
  constructor(
    cleanedBy: WindowTime,
    input: Segment,
    clock: Clock,
    events: TimerIndex<WindowState>,
    processings: TimerIndex<ProcessingTimes>,
  ) {
    this.cleanedBy = cleanedBy;
    this.input = input;
    this.clock = clock;
    this.events = events;
    this.processings = processings;
  }

  /** The context for `window`. */
  of(window: WindowState, merged: readonly unknown[] = NOTHING): this {
    this.window = window;
    this.merged = merged;
    return this;
  }

  get watermark(): number {
    return this.input.watermark;
  }

  get processingTime(): number {
    return this.clock.now();
  }

  get state(): unknown {
    return this.window?.triggerState;
  }

  set state(state: unknown) {
    (this.window as WindowState).triggerState = state;
  }

  registerEventTimer(timeMs: number): void {
    checkTime('registerEventTimer', timeMs);
    const window = this.window as WindowState;
    if (this.cleansUp('event', timeMs)) window.cleanupSilent = false;
    window.add(timeMs);
    this.events.arm(window);
    this.input.lowerAlert(timeMs);
  }

  deleteEventTimer(timeMs: number): void {
    const window = this.window as WindowState;
    if (this.cleansUp('event', timeMs)) window.cleanupSilent = true;
    else window.delete(timeMs);
  }

  registerProcessingTimer(timeMs: number): void {
    checkTime('registerProcessingTimer', timeMs);
    const window = this.window as WindowState;
    const processing = window.processingTimers();
    if (this.cleansUp('processing', timeMs)) window.cleanupSilent = false;
    processing.add(timeMs);
    this.processings.arm(processing);
  }

  deleteProcessingTimer(timeMs: number): void {
    const window = this.window as WindowState;
    if (this.cleansUp('processing', timeMs)) window.cleanupSilent = true;
    else window.processing?.delete(timeMs);
  }

  private cleansUp(clock: WindowTime, timeMs: number): boolean {
    return clock === this.cleanedBy && timeMs === this.window?.cleanupAt;
  }
}
