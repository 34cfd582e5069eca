import type { OperatorMetrics } from '../../metrics/index.ts';
import type { KeyedStore, LateExample, Receiver, TimeWindow, Trigger, TriggerResult } from '../../model/index.ts';
import { TimerIndex, type Segment } from '../../time/index.ts';
import { defaultTrigger, EVENT_TIME_TRIGGER } from '../../triggers/index.ts';
import type { Joint } from '../joint.ts';
import { keyFor } from '../key-for.ts';
import { LateRecords } from '../late-records.ts';
import { OperatorFailure } from '../operator-failure.ts';
import type { ProcessingTimers } from '../processing-timers.ts';
import { RESULTS_PER_STEP } from '../results-per-step.ts';
import type { TimerTimes } from '../timer-times.ts';
import { ElementContents, foldOf, RowContents, type Contents } from './contents.ts';
import { ProcessEmission, ProjectedEmission, windowFailure, type Emission } from './emission.ts';
import { Evicting } from './evicting.ts';
import { KeyWindows } from './key-windows.ts';
import { planMerge } from './merging.ts';
import type { WindowOperatorOptions } from './options.ts';
import { SessionExtension } from './session-extension.ts';
import { TriggerCall } from './trigger-call.ts';
import { WindowCall } from './window-call.ts';
import { NO_STATES, windowsFormat } from './window-format.ts';
import { WindowPool } from './window-pool.ts';
import type { ProcessingTimes, WindowState } from './window-state.ts';

/** Timers of a window, by either clock. */
type Timers = TimerTimes & { readonly window: WindowState };

/**
 * Windows of any kind, per key: with triggers, timers, evictors and window functions (R1 to R25).
 *
 * A record, for each of its windows: late? add, ask the trigger, fire, purge, register the clean-up. A timer: ask the
 * trigger, fire, purge, and if it is that of the clean-up, everything goes.
 */
export class WindowOperator implements Receiver<unknown>, Joint, ProcessingTimers {
  readonly inputs: readonly Segment[];
  readonly output: Segment;
  private readonly o: WindowOperatorOptions;
  private readonly input: Segment;
  private readonly metrics: OperatorMetrics;
  private readonly trigger: Trigger<unknown>;
  private readonly contents: Contents;
  private readonly evicting: Evicting | undefined;
  private readonly emission: Emission;
  private readonly late: LateRecords;
  private readonly store: KeyedStore<unknown, KeyWindows>;
  private readonly pool: WindowPool;
  private readonly events = new TimerIndex<WindowState>();
  private readonly processings = new TimerIndex<ProcessingTimes>();
  private readonly call: TriggerCall;
  private readonly extension: SessionExtension | undefined;
  private readonly isDefault: boolean;
  /** Whether timers of restored windows are in the index. */
  private awake = false;

  constructor(options: WindowOperatorOptions) {
    this.o = options;
    this.input = options.input;
    this.inputs = [options.input];
    this.output = options.output;
    this.metrics = options.metrics;
    this.trigger = options.trigger ?? defaultTrigger(options.windows);
    const { contents, evictor, windows } = options;
    this.contents =
      contents.kind === 'rows' && evictor === undefined ? new RowContents(contents.rows) : new ElementContents();
    if (evictor !== undefined) {
      const fold = contents.kind === 'rows' ? foldOf(contents.rows) : valuesOf;
      this.evicting = new Evicting(evictor, fold);
    }
    this.pool = new WindowPool(!windows.merging);
    this.late = new LateRecords(options);
    const windowCall = windowCallOf(options);
    this.emission = emissionOf(options, windowCall);
    this.store = options.state.keyedStore('windows', windowsFormat(this.contents, windowCall ?? NO_STATES, this.pool));
    this.call = new TriggerCall(windows.time, options.input, options.clock, this.events, this.processings);
    this.isDefault = this.trigger === EVENT_TIME_TRIGGER;
    this.extension =
      this.trigger === EVENT_TIME_TRIGGER && evictor === undefined
        ? SessionExtension.of(windows, options.allowedLatenessMs)
        : undefined;
  }

  /** The first late record so far. */
  get firstLate(): LateExample | undefined {
    return this.late.first;
  }

  get earliestProcessingTimer(): number {
    this.wake();
    return this.processings.earliest;
  }

  process(value: unknown, timestampMs: number): void {
    this.wake();
    this.sync();
    this.metrics.in++;
    const { keyOf } = this.o;
    let key: unknown = null;
    if (keyOf !== undefined) {
      try {
        key = keyFor(keyOf, value);
      } catch (cause) {
        this.refuse('key selector', cause);
      }
    }
    const entry = this.store.edit(key) ?? new KeyWindows(key, this.pool);
    if (this.extension !== undefined && this.takeShortWay(this.extension, entry, value, timestampMs)) return;
    let windows: readonly TimeWindow[] = [];
    try {
      windows = this.o.windows.assign(value, timestampMs, this.o.clock.now());
    } catch (cause) {
      this.refuse('windows', cause);
    }
    this.assign(entry, windows, value, timestampMs);
  }

  sync(): void {
    if (this.input.watermark > this.output.watermark) this.output.watermark = this.input.watermark;
    this.output.idle = this.input.idle;
  }

  lowerAlert(timeMs: number): void {
    this.input.lowerAlert(timeMs);
  }

  announce(): void {
    this.wake();
    this.input.lowerAlert(Math.min(this.events.earliest, this.output.alert));
  }

  advance(): boolean {
    this.wake();
    const { input, output } = this;
    // A timer in the past waits for the watermark to move, not for a change of idleness (R25).
    if (input.watermark > output.watermark && !this.fireTimers(this.events, input.watermark, 'onEventTime'))
      return false;
    output.changed = input.watermark > output.watermark || input.idle !== output.idle;
    output.watermark = input.watermark;
    output.idle = input.idle;
    return true;
  }

  fireProcessingTimers(nowMs: number): boolean {
    this.wake();
    return this.fireTimers(this.processings, nowMs, 'onProcessingTime');
  }

  /** The common cases of sessions: the record extends one, or opens one. Returns false if it takes the long way. */
  private takeShortWay(extension: SessionExtension, entry: KeyWindows, value: unknown, timestampMs: number): boolean {
    if (!Number.isFinite(timestampMs)) return false;
    const window = extension.find(entry, timestampMs, this.input.watermark);
    if (window === 'long') return false;
    if (window.cleanupAt < Infinity) {
      this.add(window, value, timestampMs, true);
      extension.extend(window, timestampMs);
      return true;
    }
    if (entry.list.length === 1) this.store.put(entry.key, entry);
    try {
      this.add(window, value, timestampMs, true);
    } catch (error) {
      this.remove(window);
      throw error;
    }
    extension.begin(window);
    this.events.arm(window);
    this.input.lowerAlert(window.earliest);
    return true;
  }

  private assign(entry: KeyWindows, windows: readonly TimeWindow[], value: unknown, timestampMs: number): void {
    let entered = false;
    let failure: OperatorFailure | undefined;
    for (let i = 0; i < windows.length; i++) {
      try {
        if (this.enter(entry, windows[i] as TimeWindow, value, timestampMs, !entered)) entered = true;
      } catch (thrown) {
        // What the firing of one window fails with must not keep the record out of the others.
        if (!(thrown instanceof OperatorFailure) || thrown.init.window === undefined) throw thrown;
        entered = true;
        failure ??= thrown;
      }
    }
    if (!entered) this.skip(windows, value, timestampMs);
    if (failure !== undefined) throw failure;
  }

  /** Adds a record to one of its windows. Returns whether it entered: late windows take none. */
  private enter(entry: KeyWindows, own: TimeWindow, value: unknown, timestampMs: number, counts: boolean): boolean {
    const { merging } = this.o.windows;
    const plan = merging ? planMerge(entry, own) : undefined;
    // Merged first, judged then: a live session takes in a record whose own window is late (R13).
    if (this.isLate(plan?.result ?? own)) return false;
    if (plan !== undefined && plan.parts.length > 0) this.probe(entry, own, value, timestampMs);
    const window = plan === undefined ? entry.find(own.start, own.end) : this.merge(entry, plan.result, plan.parts);
    const opened = window ?? entry.open(own.start, own.end);
    if (window === undefined && entry.list.length === 1) this.store.put(entry.key, entry);
    try {
      this.add(opened, value, timestampMs, counts);
    } catch (error) {
      // It may be one of merged parts, whose own timers are gone.
      if (merging) this.registerCleanup(opened);
      this.removeIfBlank(opened);
      throw error;
    }
    let result: TriggerResult;
    try {
      result = this.trigger.onElement(value, timestampMs, opened, this.call.of(opened));
    } catch (cause) {
      throw windowFailure(this.o.name, 'trigger', opened, cause);
    }
    try {
      this.apply(result, opened);
    } finally {
      this.registerCleanup(opened);
      this.removeIfBlank(opened);
    }
    return true;
  }

  /** A record that its aggregate refuses must not have merged windows before: it enters nothing. */
  private probe(entry: KeyWindows, own: TimeWindow, value: unknown, timestampMs: number): void {
    const alone = this.pool.take(entry, own.start, own.end);
    try {
      this.add(alone, value, timestampMs, false);
    } finally {
      this.contents.drop(alone);
      this.pool.give(alone);
    }
  }

  private add(window: WindowState, value: unknown, timestampMs: number, counts: boolean): void {
    try {
      this.contents.add(window, value, timestampMs);
    } catch (cause) {
      this.refuse('aggregate', cause);
    }
    if (!counts) return;
    window.records++;
    this.metrics.buffered++;
  }

  /** The window that a record's own one becomes, with everything its parts held; `undefined` where it meets none. */
  private merge(entry: KeyWindows, result: TimeWindow, parts: readonly WindowState[]): WindowState | undefined {
    const [first] = parts;
    if (first === undefined || (parts.length === 1 && first.start === result.start && first.end === result.end)) {
      return first;
    }
    for (const part of parts) entry.remove(part);
    const merged = entry.open(result.start, result.end);
    for (const part of parts) {
      this.contents.move(merged, part);
      merged.records += part.records;
    }
    const states = parts.map((part) => part.triggerState).filter((state) => state !== undefined);
    this.ask('trigger', merged, () => this.trigger.onMerge?.(merged, this.call.of(merged, states)));
    for (const part of parts) {
      this.ask('trigger', part, () => this.trigger.clear(part, this.call.of(part)));
      this.pool.give(part);
    }
    return merged;
  }

  /** R8: late only if all windows are and the record itself is; a record between windows that leave gaps is let go. */
  private skip(windows: readonly TimeWindow[], value: unknown, timestampMs: number): void {
    const { watermark } = this.input;
    const late = this.o.windows.time === 'event' && timestampMs + this.o.allowedLatenessMs <= watermark;
    if (!late) {
      this.metrics.filtered++;
      return;
    }
    const example = windows[0] ?? { start: timestampMs, end: timestampMs + 1 };
    this.late.take(value, timestampMs, watermark, example);
  }

  private isLate(window: TimeWindow): boolean {
    return this.o.windows.time === 'event' && this.cleanupOf(window) <= this.input.watermark;
  }

  /** When a window's state goes (R7); +Infinity: never. */
  private cleanupOf(window: TimeWindow): number {
    const { time } = this.o.windows;
    if (time === 'none') return Infinity;
    const cleanup = window.end - 1 + (time === 'event' ? this.o.allowedLatenessMs : 0);
    return Number.isSafeInteger(cleanup) ? cleanup : Infinity;
  }

  private registerCleanup(window: WindowState): void {
    const cleanup = this.cleanupOf(window);
    if (cleanup === Infinity || !window.alive) return;
    window.cleanupAt = cleanup;
    this.call.of(window);
    if (this.o.windows.time === 'event') this.call.registerEventTimer(cleanup);
    else this.call.registerProcessingTimer(cleanup);
  }

  private apply(result: TriggerResult, window: WindowState): void {
    if (result === 'continue') return;
    if (result !== 'fire' && !RESULTS.has(result)) throw unknownResult(this.o.name, window, result);
    try {
      if ((result === 'fire' || result === 'fireAndPurge') && this.contents.has(window)) this.fire(window);
    } finally {
      if (result === 'purge' || result === 'fireAndPurge') this.purge(window);
    }
  }

  private fire(window: WindowState): void {
    if (this.evicting === undefined) {
      this.emission.emit(window, this.read(window));
      return;
    }
    try {
      const evicted = this.evicting.fire(window, this.call, (contents) => this.emission.emit(window, contents));
      this.absorb(window, Math.min(evicted, window.records));
    } catch (cause) {
      throw windowFailure(this.o.name, 'evictor or aggregate', window, cause);
    }
  }

  private read(window: WindowState): unknown {
    try {
      return this.contents.read(window);
    } catch (cause) {
      throw windowFailure(this.o.name, 'window result', window, cause);
    }
  }

  private purge(window: WindowState): void {
    this.contents.drop(window);
    this.absorb(window, window.records);
  }

  private absorb(window: WindowState, records: number): void {
    window.records -= records;
    this.metrics.buffered -= records;
    this.metrics.absorbed += records;
  }

  /** Fires what is due, at most 512 results or timers. Returns whether nothing is left. */
  private fireTimers<T extends Timers>(
    index: TimerIndex<T>,
    until: number,
    callback: 'onEventTime' | 'onProcessingTime',
  ): boolean {
    const stopAt = this.metrics.out + RESULTS_PER_STEP;
    for (let timers = 0; ; timers++) {
      if (this.o.control.interrupted || this.metrics.out >= stopAt || timers >= RESULTS_PER_STEP) return false;
      const due = index.takeDue(until);
      if (due === undefined) return true;
      try {
        this.fireTimer(due, callback);
      } finally {
        if (due.window.alive) index.arm(due);
      }
    }
  }

  private fireTimer(due: Timers, callback: 'onEventTime' | 'onProcessingTime'): void {
    const { window } = due;
    if (this.store.tracks) this.store.edit(window.entry.key);
    const time = due.takeEarliest();
    const cleans = time === window.cleanupAt && callback === this.cleanupCallback;
    try {
      if (!cleans || !window.cleanupSilent) this.apply(this.askTimer(window, time, callback), window);
    } finally {
      if (cleans) this.cleanUp(window);
      else this.removeIfBlank(window);
    }
  }

  private askTimer(window: WindowState, time: number, callback: 'onEventTime' | 'onProcessingTime'): TriggerResult {
    // What the default trigger says needs no asking.
    if (this.isDefault && callback === 'onEventTime') return time === window.end - 1 ? 'fire' : 'continue';
    try {
      return this.trigger[callback](time, window, this.call.of(window));
    } catch (cause) {
      throw windowFailure(this.o.name, 'trigger', window, cause);
    }
  }

  private get cleanupCallback(): 'onEventTime' | 'onProcessingTime' {
    return this.o.windows.time === 'event' ? 'onEventTime' : 'onProcessingTime';
  }

  private cleanUp(window: WindowState): void {
    this.purge(window);
    // All that the default trigger could clear are timers, and they go with the window.
    if (!this.isDefault) this.ask('trigger', window, () => this.trigger.clear(window, this.call.of(window)));
    this.emission.clear(window);
    this.remove(window);
  }

  private removeIfBlank(window: WindowState): void {
    if (window.alive && window.isBlank) this.remove(window);
  }

  private remove(window: WindowState): void {
    window.clear();
    window.processing?.clear();
    window.entry.remove(window);
    if (window.entry.isEmpty) this.store.delete(window.entry.key);
    this.pool.give(window);
  }

  private ask<R>(what: string, window: WindowState, question: () => R): R {
    try {
      return question();
    } catch (cause) {
      throw windowFailure(this.o.name, what, window, cause);
    }
  }

  /** The record itself is at fault, and entered nothing. */
  private refuse(what: string, cause: unknown): never {
    this.metrics.deadLettered++;
    throw new OperatorFailure({ operator: this.o.name, what, cause });
  }

  /** After a restore: keys and timers of what was restored. */
  private wake(): void {
    if (this.awake) return;
    this.awake = true;
    for (const [key, entry] of this.store.entries()) {
      entry.key = key;
      for (const window of entry.list) {
        this.events.arm(window);
        if (window.processing !== undefined) this.processings.arm(window.processing);
      }
    }
  }
}

const RESULTS: ReadonlySet<unknown> = new Set<TriggerResult>(['continue', 'fire', 'purge', 'fireAndPurge']);

function unknownResult(operator: string, window: WindowState, result: unknown): unknown {
  const cause = new TypeError(
    `it returned ${String(result)}, but must return 'continue', 'fire', 'purge' or 'fireAndPurge'`,
  );
  return windowFailure(operator, 'trigger', window, cause);
}

const valuesOf = (elements: readonly { readonly value: unknown }[]): unknown => elements.map(({ value }) => value);

function windowCallOf(options: WindowOperatorOptions): WindowCall | undefined {
  if (options.emit.kind === 'project') return undefined;
  const { windowState = {}, keyState = {} } = options.emit.fn;
  return new WindowCall({ ...options, windowState, keyState });
}

function emissionOf(options: WindowOperatorOptions, call: WindowCall | undefined): Emission {
  const { name, emit, next, metrics } = options;
  if (emit.kind === 'process') return new ProcessEmission(name, emit.fn, call as WindowCall);
  return new ProjectedEmission(name, emit.project, next, metrics);
}
