/**
 * A binary min-heap over numbers with a payload. Equal priorities come out in the order they went in, so that two runs
 * over the same input fire timers in the same order.
 */
export class MinHeap<T> {
  private readonly priorities: number[] = [];
  private readonly sequence: number[] = [];
  private readonly items: T[] = [];
  private pushed = 0;

  get size(): number {
    return this.items.length;
  }

  /** The smallest priority, or +Infinity when empty. */
  get minimum(): number {
    return this.priorities.length === 0 ? Infinity : (this.priorities[0] as number);
  }

  push(priority: number, item: T): void {
    this.priorities.push(priority);
    this.sequence.push(this.pushed++);
    this.items.push(item);
    this.siftUp(this.items.length - 1);
  }

  peek(): T | undefined {
    return this.items[0];
  }

  pop(): T | undefined {
    const top = this.items[0];
    const last = this.items.length - 1;
    if (last < 0) return undefined;
    this.swap(0, last);
    this.priorities.pop();
    this.sequence.pop();
    this.items.pop();
    if (last > 0) this.siftDown(0);
    return top;
  }

  clear(): void {
    this.priorities.length = 0;
    this.sequence.length = 0;
    this.items.length = 0;
  }

  private before(a: number, b: number): boolean {
    const pa = this.priorities[a] as number;
    const pb = this.priorities[b] as number;
    return pa < pb || (pa === pb && (this.sequence[a] as number) < (this.sequence[b] as number));
  }

  private siftUp(start: number): void {
    let i = start;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.before(i, parent)) return;
      this.swap(i, parent);
      i = parent;
    }
  }

  private siftDown(start: number): void {
    const size = this.items.length;
    let i = start;
    for (;;) {
      const left = 2 * i + 1;
      if (left >= size) return;
      const right = left + 1;
      const child = right < size && this.before(right, left) ? right : left;
      if (!this.before(child, i)) return;
      this.swap(i, child);
      i = child;
    }
  }

  private swap(a: number, b: number): void {
    const { priorities, sequence, items } = this;
    const p = priorities[a] as number;
    priorities[a] = priorities[b] as number;
    priorities[b] = p;
    const s = sequence[a] as number;
    sequence[a] = sequence[b] as number;
    sequence[b] = s;
    const t = items[a] as T;
    items[a] = items[b] as T;
    items[b] = t;
  }
}
