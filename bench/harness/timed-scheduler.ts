import type { Scheduler } from 'millrace';
import { cpuMs, type LoopGaps } from './loop-gaps.ts';

/** Slices shorter than this are not kept. */
const KEPT_MS = 1;

/** The system's timers, and how long the engine works at a stretch between two turns of the event loop. */
export class TimedScheduler implements Scheduler {
  private readonly slices: { readonly start: number; readonly end: number; readonly cpuMs: number }[] = [];

  defer(task: () => void): void {
    setImmediate(() => this.time(task));
  }

  after(delayMs: number, task: () => void) {
    const timer = setTimeout(() => this.time(task), delayMs);
    return { cancel: () => clearTimeout(timer) };
  }

  /** The longest slice that begins within [from, to), collections of garbage and other programs taken out. */
  longest(gaps: LoopGaps, from: number, to: number): number {
    const inside = this.slices.filter(({ start }) => start >= from && start < to);
    return inside.reduce((most, slice) => Math.max(most, gaps.lengthOf(slice)), 0);
  }

  private time(task: () => void): void {
    const start = performance.now();
    const cpu = cpuMs();
    task();
    const end = performance.now();
    if (end - start >= KEPT_MS) this.slices.push({ start, end, cpuMs: cpuMs() - cpu });
  }
}
