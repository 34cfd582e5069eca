/*
 * What tumbling windows must give, written from semantics.md alone: maps of maps, no slices, no timers, no segments.
 * Slow and plain; shares no code with the engine.
 */

/** A record as the model sees it. */
export interface ModelRecord {
  readonly key: string;
  readonly n: number;
  readonly time: number;
}

export interface ModelWindow {
  readonly size: number;
  readonly offset: number;
  readonly lateness: number;
}

/** What a window stage gives: a result with its timestamp (R24), or a late record with its own (R10). */
export interface ModelResult {
  readonly key: string;
  readonly start: number;
  readonly n: number;
  readonly count: number;
}

interface Content {
  readonly end: number;
  n: number;
  count: number;
}

/** One window operator by the rules R1, R2, R7 to R10, R17, R22 to R24. */
export class ModelStage {
  readonly late: ModelRecord[] = [];
  watermark = -Infinity;
  private readonly window: ModelWindow;
  private readonly emit: (result: ModelResult, timestamp: number) => void;
  /** Contents by window start, then key; removed at clean-up. */
  private readonly windows = new Map<number, Map<string, Content>>();

  constructor(window: ModelWindow, emit: (result: ModelResult, timestamp: number) => void) {
    this.window = window;
    this.emit = emit;
  }

  record(record: ModelRecord): void {
    const { size, offset, lateness } = this.window;
    const rest = (record.time - offset) % size;
    const start = rest < 0 ? record.time - (rest + size) : record.time - rest;
    const end = start + size;
    if (end - 1 + lateness <= this.watermark) {
      this.late.push(record);
      return;
    }
    const keys = this.windows.get(start) ?? new Map<string, Content>();
    this.windows.set(start, keys);
    const content = keys.get(record.key) ?? { end, n: 0, count: 0 };
    keys.set(record.key, content);
    content.n += record.n;
    content.count++;
    if (end - 1 <= this.watermark) this.fire(start, record.key, content);
  }

  /** Everything due by now, in order of time; whoever listens raises the next stage afterwards (R23). */
  advance(watermark: number): void {
    if (watermark <= this.watermark) return;
    const before = this.watermark;
    this.watermark = watermark;
    for (const [start, keys] of [...this.windows].sort(([a], [b]) => a - b)) {
      const last = start + this.window.size - 1;
      if (last > before && last <= watermark) for (const [key, content] of keys) this.fire(start, key, content);
      if (last + this.window.lateness <= watermark) this.windows.delete(start);
    }
  }

  private fire(start: number, key: string, { end, n, count }: Content): void {
    this.emit({ key, start, n, count }, end - 1);
  }
}

/** Watermark of bounded out-of-orderness (R27), per record, after the record. */
export class ModelWatermark {
  private readonly bound: number;
  value = -Infinity;

  constructor(bound: number) {
    this.bound = bound;
  }

  after(time: number): number {
    this.value = Math.max(this.value, time - this.bound - 1);
    return this.value;
  }
}
