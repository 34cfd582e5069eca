import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

interface Gap {
  readonly start: number;
  readonly end: number;
  /** CPU time of the process within it, milliseconds. */
  readonly cpuMs: number;
}

/** Gaps of the event loop shorter than this are not kept. */
const KEPT_MS = 1;

/**
 * Watches how long the event loop is without a turn, by a setImmediate that follows the other. What the machine gave to
 * other processes meanwhile is not counted: a gap is at most as long as the CPU time that was spent in it.
 */
export class LoopGaps {
  private readonly gaps: Gap[] = [];
  private readonly collections: PerformanceEntry[] = [];
  private readonly observer = new PerformanceObserver((list) => void this.collections.push(...list.getEntries()));
  private last = performance.now();
  private lastCpu = cpuMs();
  private running = true;

  constructor() {
    this.observer.observe({ entryTypes: ['gc'] });
    this.tick();
  }

  /** Ends watching; resolves once the last collections of garbage were reported. */
  async stop(): Promise<void> {
    this.running = false;
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.collections.push(...this.observer.takeRecords());
    this.observer.disconnect();
  }

  /** The longest gap that begins within [from, to), garbage collection taken out; 0 if there is none to speak of. */
  longest(from: number, to: number): number {
    const inside = this.gaps.filter(({ start }) => start >= from && start < to);
    return inside.reduce((most, gap) => Math.max(most, this.lengthOf(gap)), 0);
  }

  /** The longest gap as the wall clock has it, with all that the machine did meanwhile. */
  longestByWall(from: number, to: number): number {
    const inside = this.gaps.filter(({ start }) => start >= from && start < to);
    return inside.reduce((most, gap) => Math.max(most, gap.end - gap.start - this.collectionWithin(gap)), 0);
  }

  /** The longest collection of garbage that begins within [from, to). */
  longestCollection(from: number, to: number): number {
    const inside = this.collections.filter(({ startTime }) => startTime >= from && startTime < to);
    return inside.reduce((most, { duration }) => Math.max(most, duration), 0);
  }

  /** A stretch of time without collections of garbage, and without what other programs took of it. */
  lengthOf(gap: Gap): number {
    return Math.min(gap.end - gap.start - this.collectionWithin(gap), gap.cpuMs);
  }

  private collectionWithin({ start, end }: Gap): number {
    let sum = 0;
    for (const { startTime, duration } of this.collections) {
      sum += Math.max(0, Math.min(end, startTime + duration) - Math.max(start, startTime));
    }
    return sum;
  }

  private readonly tick = (): void => {
    const now = performance.now();
    const cpu = cpuMs();
    if (now - this.last >= KEPT_MS) this.gaps.push({ start: this.last, end: now, cpuMs: cpu - this.lastCpu });
    this.last = now;
    this.lastCpu = cpu;
    if (this.running) setImmediate(this.tick);
  };
}

/** CPU time of the process so far, milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
