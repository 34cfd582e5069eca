import type { Sink } from 'millrace';

/** Time until a full sink has room again. */
const DRAIN_MS = 1;

/** A sink that is full at `room` rows and empty again after a timer. Keeps no row, but says how many it would have. */
export class SlowSink {
  rows = 0;
  /** Most rows at a time. */
  peak = 0;
  firstRowAt = Infinity;
  heapAtFirstRow = 0;
  peakHeap = 0;
  private readonly room: number;
  private waiting = 0;

  constructor(room: number) {
    this.room = room;
  }

  readonly sink: Sink<unknown> = {
    kind: 'slow',
    open: ({ wake }) =>
      Promise.resolve({
        buffered: 0,
        write: () => this.write(wake),
        ready: () => this.waiting < this.room,
        flush: () => Promise.resolve(),
        finish: () => Promise.resolve(),
        abort: () => Promise.resolve(),
      }),
  };

  private write(wake: () => void): void {
    if (this.rows === 0) {
      this.firstRowAt = performance.now();
      this.heapAtFirstRow = process.memoryUsage().heapUsed;
    }
    this.rows++;
    this.waiting++;
    if (this.waiting > this.peak) this.peak = this.waiting;
    if (this.waiting === this.room) setTimeout(() => this.drain(wake), DRAIN_MS);
  }

  private drain(wake: () => void): void {
    this.waiting = 0;
    this.peakHeap = Math.max(this.peakHeap, process.memoryUsage().heapUsed);
    wake();
  }
}
