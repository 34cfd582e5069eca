import { boundedOutOfOrderness, count, dataflow, memory, silentLogger, sum, tumbling, type Sink } from 'millrace';
import { LoopGaps } from '../harness/loop-gaps.ts';
import { atMost, median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';

interface Reading {
  readonly key: number;
  readonly time: number;
}

/** The slow sink is full at so many rows, and empty again after a timer. */
const SINK_ROOM = 1_000;
/** What one batch or one step may put on top of that (docs of SinkWriter). */
const OVERSHOOT = 512;
const DRAIN_MS = 1;
const MAX_GAP_MS = 5;

interface Firing {
  readonly longestMs: number;
  readonly over: number;
  readonly loadingMs: number;
  readonly controlMs: number;
  readonly peakBuffered: number;
  readonly heapGrowth: number;
  readonly firingMs: number;
  readonly rows: number;
}

class SlowSink {
  rows = 0;
  peak = 0;
  firstRowAt = Infinity;
  peakHeap = 0;
  private waiting = 0;

  readonly sink: Sink<unknown> = {
    kind: 'slow',
    open: ({ wake }) =>
      Promise.resolve({
        buffered: 0,
        write: () => this.write(wake),
        ready: () => this.waiting < SINK_ROOM,
        flush: () => Promise.resolve(),
        finish: () => Promise.resolve(),
        abort: () => Promise.resolve(),
      }),
  };

  private write(wake: () => void): void {
    if (this.rows === 0) this.firstRowAt = performance.now();
    this.rows++;
    this.waiting++;
    if (this.waiting > this.peak) this.peak = this.waiting;
    if (this.waiting === SINK_ROOM) setTimeout(() => this.drain(wake), DRAIN_MS);
  }

  private drain(wake: () => void): void {
    this.waiting = 0;
    if (this.rows % 16 === 0) this.peakHeap = Math.max(this.peakHeap, process.memoryUsage().heapUsed);
    wake();
  }
}

/** Gaps of a loop that does nothing but give way: what the machine itself takes away. */
async function controlGap(durationMs: number): Promise<number> {
  const gaps = new LoopGaps();
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve, durationMs));
  await gaps.stop();
  return gaps.between(started, Infinity)[0] ?? 0;
}

async function fire(keys: number): Promise<Firing> {
  const slow = new SlowSink();
  const input: Reading[] = Array.from({ length: keys }, (_, key) => ({ key, time: key % 1_000 }));
  const flow = dataflow('firing');
  flow
    .from('readings', memory(input), { watermarks: boundedOutOfOrderness(0, (r) => (r.time >= 0 ? 0 : r.time)) })
    .keyBy((r) => r.key)
    .window(tumbling('1s'))
    .aggregate({ count: count(), sum: sum((r: Reading) => r.time) })
    .to('slow', slow.sink);
  globalThis.gc?.();
  const gaps = new LoopGaps();
  const started = performance.now();
  await (await flow.run({ logger: silentLogger })).done;
  const ended = performance.now();
  await gaps.stop();
  const firing = gaps.between(slow.firstRowAt, ended);
  return {
    longestMs: firing[0] ?? 0,
    over: firing.filter((ms) => ms > MAX_GAP_MS).length,
    loadingMs: gaps.between(started, slow.firstRowAt)[0] ?? 0,
    controlMs: await controlGap(Math.min(1_000, ended - slow.firstRowAt)),
    peakBuffered: slow.peak,
    heapGrowth: 0,
    firingMs: ended - slow.firstRowAt,
    rows: slow.rows,
  };
}
