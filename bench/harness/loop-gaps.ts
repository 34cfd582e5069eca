import { PerformanceObserver, type PerformanceEntry } from 'node:perf_hooks';

interface Gap {
  readonly start: number;
  readonly end: number;
}

/** Gaps of the event loop shorter than this are not kept. */
const KEPT_MS = 1;

/** Watches how long the event loop is without a turn, by a setImmediate that follows the other. */
export class LoopGaps {
  private readonly gaps: Gap[] = [];
  private readonly collections: PerformanceEntry[] = [];
  private readonly observer = new PerformanceObserver((list) => void this.collections.push(...list.getEntries()));
  private last = performance.now();
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

  /** Longest gaps within [from, to), garbage collection taken out of each; longest first. */
  between(from: number, to: number): number[] {
    const inside = this.gaps.filter(({ start }) => start >= from && start < to);
    return inside.map((gap) => gap.end - gap.start - this.collectionWithin(gap)).sort((a, b) => b - a);
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
    if (now - this.last >= KEPT_MS) this.gaps.push({ start: this.last, end: now });
    this.last = now;
    if (this.running) setImmediate(this.tick);
  };
}
