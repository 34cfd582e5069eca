/*
 * Independent model, part 3: one window operator (R7 to R25). Every window keeps all of its records; results are computed
 * from them at each firing. Timers are found by looking through everything.
 */
import type { Config, Output, VectorRecord } from '../vectors-adapter/case.ts';
import {
  checkAssigner,
  Failed,
  isEventTime,
  isMerging,
  isProcessingTime,
  Rejected,
  windowsFor,
  type ModelWindow,
} from './assigners.ts';
import { evict } from './evictors.ts';
import {
  ask,
  checkTrigger,
  forget,
  mergeMemories,
  triggerFor,
  type Memory,
  type Occasion,
  type Sight,
} from './triggers.ts';

interface Kept {
  readonly record: VectorRecord;
  readonly time: number;
}

interface Window {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  kept: Kept[];
  memory: Memory;
  readonly event: Set<number>;
  readonly processing: Set<number>;
  /** Whether the clean-up is asked about, and not only done. */
  cleanupAsked: boolean;
  cleanup: number;
  firing: number;
}

export type Emit = (output: Output, key: string, value: unknown, time: number) => void;

export class WindowStage {
  watermark = -Infinity;
  now = 0;
  late = 0;
  private readonly config: Config;
  private readonly emit: Emit;
  private windows: Window[] = [];
  private readonly keyTotals = new Map<string, number>();

  constructor(config: Config, emit: Emit) {
    checkAssigner(config);
    checkTrigger(config);
    if (typeof config.allowedLatenessMs === 'number' && config.allowedLatenessMs < 0) throw new Rejected('lateness');
    this.config = config;
    this.emit = emit;
  }

  get leftovers(): number {
    return this.windows.length + (this.config.function === 'info' ? this.keyTotals.size : 0);
  }

  record(record: VectorRecord, time: number): void {
    const { config } = this;
    let entered = false;
    for (const own of windowsFor(config, record, time, this.now)) {
      const merged = isMerging(config) ? this.cover(record.key, own) : own;
      if (isEventTime(config) && this.cleanupOf(merged[1]) <= this.watermark) continue;
      entered = true;
      const window = isMerging(config) ? this.merge(record.key, merged) : this.find(record.key, own);
      window.kept.push({ record, time });
      this.act(window, { on: 'element', record, time });
      const cleanup = this.cleanupOf(window.end);
      if (cleanup < Infinity) {
        window.cleanup = cleanup;
        window.cleanupAsked = true;
      }
      this.drop(window);
    }
    if (entered || !isEventTime(config) || !(time + this.lateness <= this.watermark)) return;
    this.late++;
    if (config.sideOutputLate === true) {
      const { key, value } = record;
      this.emit({ late: { key, value }, ts: time }, key, value, time);
    }
  }

  advance(watermark: number): boolean {
    if (watermark <= this.watermark) return false;
    this.watermark = watermark;
    this.fireAll('event', watermark);
    return true;
  }

  clock(now: number): void {
    this.now = now;
    this.fireAll('processing', now);
  }

  private get lateness(): number {
    const { allowedLatenessMs = 0 } = this.config;
    return allowedLatenessMs === 'max' ? Number.MAX_SAFE_INTEGER : allowedLatenessMs;
  }

  /** R7; what no exact number can say is never. */
  private cleanupOf(end: number): number {
    if (isProcessingTime(this.config)) return end - 1;
    const cleanup = end - 1 + this.lateness;
    return isEventTime(this.config) && Math.abs(cleanup) <= Number.MAX_SAFE_INTEGER ? cleanup : Infinity;
  }

  /** All due timers, the earliest first; also those that are added meanwhile. */
  private fireAll(clock: 'event' | 'processing', until: number): void {
    for (;;) {
      let due: { window: Window; time: number } | undefined;
      for (const window of this.windows) {
        const cleans = (clock === 'event') === isEventTime(this.config) ? window.cleanup : Infinity;
        const timers = cleans < Infinity ? [...window[clock], cleans] : [...window[clock]];
        for (const time of timers) if (time <= until && (due === undefined || time < due.time)) due = { window, time };
      }
      if (due === undefined) return;
      this.fireTimer(due.window, clock, due.time);
    }
  }

  private fireTimer(window: Window, clock: 'event' | 'processing', time: number): void {
    const cleans = (clock === 'event') === isEventTime(this.config) && time === window.cleanup;
    window[clock].delete(time);
    if (!cleans || window.cleanupAsked) this.act(window, { on: clock, time });
    if (cleans) {
      forget(triggerFor(this.config), this.sight(window));
      this.windows = this.windows.filter((other) => other !== window);
      if (this.config.function === 'info' && window.firing > 0) {
        const record = { key: window.key, window: shown(window), watermark: this.watermark };
        this.emit({ side: 'cleared', record, ts: window.end - 1 }, window.key, undefined, window.end - 1);
      }
    } else this.drop(window);
  }

  /** Asks the trigger, and does what it says. */
  private act(window: Window, occasion: Occasion): void {
    const { fire, purge } = ask(triggerFor(this.config), occasion, this.sight(window));
    if (fire && window.kept.length > 0) this.fire(window);
    if (purge) window.kept = [];
  }

  private fire(window: Window): void {
    const evictor =
      this.config.countWindow?.[1] === undefined
        ? this.config.evictor
        : { type: 'count', n: this.config.countWindow[0] };
    const before = evictor === undefined || evictor.after === true ? window.kept : evict(evictor, window.kept);
    this.result(window, before);
    window.kept = evictor?.after === true ? evict(evictor, before) : before;
  }

  private result(window: Window, kept: readonly Kept[]): void {
    const values = kept.map(({ record }) => record.value);
    const ts = window.end - 1;
    const base = { key: window.key, window: shown(window) };
    const total = values.reduce((a, b) => a + b, 0);
    if (this.config.function === 'reduce-sum') {
      const value = values.length === 0 ? null : total;
      this.emit({ record: { ...base, value }, ts }, window.key, value, ts);
    } else if (this.config.function === 'list') {
      this.emit({ record: { ...base, values }, ts }, window.key, undefined, ts);
    } else if (this.config.function === 'aggregate') {
      const row = { ...base, count: values.length, sum: total };
      const record = values.length === 0 ? row : { ...row, min: Math.min(...values), max: Math.max(...values) };
      this.emit({ record, ts }, window.key, undefined, ts);
    } else this.info(window, values, base, ts);
  }

  private info(window: Window, values: readonly number[], base: Output, ts: number): void {
    if (isMerging(this.config)) throw new Failed('windows that merge have no state of their own');
    window.firing++;
    const keyTotal = (this.keyTotals.get(window.key) ?? 0) + 1;
    this.keyTotals.set(window.key, keyTotal);
    const record = { ...base, values, firing: window.firing, keyTotal, watermark: this.watermark };
    this.emit({ record, ts }, window.key, undefined, ts);
  }

  /** What a session of a record comes to: itself and all that it touches, directly or through others. */
  private cover(key: string, own: ModelWindow): ModelWindow {
    let [start, end] = own;
    for (let grown = true; grown;) {
      grown = false;
      for (const window of this.windows) {
        if (window.key !== key || window.start > end || window.end < start) continue;
        if (window.start >= start && window.end <= end) continue;
        start = Math.min(start, window.start);
        end = Math.max(end, window.end);
        grown = true;
      }
    }
    return [start, end];
  }

  private merge(key: string, [start, end]: ModelWindow): Window {
    const parts = this.windows.filter((w) => w.key === key && w.start >= start && w.end <= end);
    const same = parts.find((window) => window.start === start && window.end === end);
    if (same !== undefined || parts.length === 0) return same ?? this.find(key, [start, end]);
    this.windows = this.windows.filter((window) => !parts.includes(window));
    const merged = this.find(key, [start, end]);
    merged.kept = parts.flatMap((part) => part.kept);
    mergeMemories(
      triggerFor(this.config),
      parts.map((part) => part.memory),
      this.sight(merged),
    );
    return merged;
  }

  private find(key: string, [start, end]: ModelWindow): Window {
    const known = this.windows.find((w) => w.key === key && w.start === start && w.end === end);
    if (known !== undefined) return known;
    const none = { kept: [], memory: {}, cleanup: Infinity, cleanupAsked: true, firing: 0 };
    const window: Window = { key, start, end, ...none, event: new Set(), processing: new Set() };
    this.windows.push(window);
    return window;
  }

  /** A window of which nothing is remembered is none. */
  private drop(window: Window): void {
    const { kept, memory, event, processing, cleanup, firing } = window;
    const remembers = ({ inner, ...own }: Memory): boolean =>
      Object.keys(own).length > 0 || (inner !== undefined && remembers(inner));
    if (kept.length + event.size + processing.size > 0 || remembers(memory) || cleanup < Infinity || firing > 0) return;
    this.windows = this.windows.filter((other) => other !== window);
  }

  private sight(window: Window): Sight {
    const cleansBy = isEventTime(this.config) ? 'event' : 'processing';
    const timers = (clock: 'event' | 'processing') => ({
      add(time: number): void {
        if (clock === cleansBy && time === window.cleanup) window.cleanupAsked = true;
        window[clock].add(time);
      },
      delete(time: number): void {
        if (clock === cleansBy && time === window.cleanup) window.cleanupAsked = false;
        window[clock].delete(time);
      },
    });
    return {
      last: window.end - 1,
      watermark: this.watermark,
      now: this.now,
      memory: window.memory,
      event: timers('event'),
      processing: timers('processing'),
    };
  }
}

function shown({ start, end }: Window): 'global' | ModelWindow {
  return end === Infinity ? 'global' : [start, end];
}
