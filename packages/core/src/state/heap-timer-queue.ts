import { MinHeap } from '../internal/heap.ts';
import type { NamedStateSnapshot, TimerQueue } from '../model/index.ts';

type TimersSnapshot = Extract<NamedStateSnapshot, { kind: 'timers' }>;

/**
 * Timers on the heap. The set of (time, namespace) is the truth; the heap is an index over it that is rebuilt at restore
 * and may hold deleted timers, which are passed over.
 */
export class HeapTimerQueue implements TimerQueue {
  private readonly name: string;
  private readonly live = new Map<number, Set<number>>();
  private readonly heap = new MinHeap<number>();
  private count = 0;

  constructor(name: string) {
    this.name = name;
  }

  get earliest(): number {
    this.skipDeleted();
    return this.heap.minimum;
  }

  get size(): number {
    return this.count;
  }

  register(timeMs: number, namespace: number): void {
    let namespaces = this.live.get(timeMs);
    if (namespaces === undefined) this.live.set(timeMs, (namespaces = new Set()));
    if (namespaces.has(namespace)) return;
    namespaces.add(namespace);
    this.heap.push(timeMs, namespace);
    this.count++;
  }

  delete(timeMs: number, namespace: number): void {
    const namespaces = this.live.get(timeMs);
    if (namespaces?.delete(namespace) !== true) return;
    if (namespaces.size === 0) this.live.delete(timeMs);
    this.count--;
  }

  takeDue(untilMs: number): number | undefined {
    this.skipDeleted();
    const timeMs = this.heap.minimum;
    if (timeMs > untilMs) return undefined;
    const namespace = this.heap.pop();
    if (namespace !== undefined) this.delete(timeMs, namespace);
    return namespace;
  }

  snapshot(): TimersSnapshot {
    const timers: [number, number][] = [];
    for (const [timeMs, namespaces] of this.live) for (const namespace of namespaces) timers.push([timeMs, namespace]);
    timers.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    return { kind: 'timers', name: this.name, timers };
  }

  restore(snapshot: TimersSnapshot): void {
    for (const [timeMs, namespace] of snapshot.timers) this.register(timeMs, namespace);
  }

  private skipDeleted(): void {
    for (;;) {
      const namespace = this.heap.peek();
      if (namespace === undefined || this.live.get(this.heap.minimum)?.has(namespace) === true) return;
      this.heap.pop();
    }
  }
}
