import { boundedOutOfOrderness, count, dataflow, memory, silentLogger, sum, tumbling } from 'millrace';
import { LoopGaps } from '../harness/loop-gaps.ts';
import { atMost, median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { SlowSink } from '../harness/slow-sink.ts';

interface Reading {
  readonly key: number;
  readonly time: number;
}

const SINK_ROOM = 1_000;
/** What one batch or one step may put on top of a sink's room (protocol of SinkWriter). */
const OVERSHOOT = 512;
const MAX_GAP_MS = 5;
/** All results at once would be some 150 MB; what is young garbage stays below this. */
const MAX_HEAP_GROWTH_MB = 64;
const MB = 2 ** 20;

interface Firing {
  readonly sink: SlowSink;
  readonly firingMs: number;
  /** Longest gaps while the window fires, by the wall clock too, and while it fills. */
  readonly longestMs: number;
  readonly wallMs: number;
  readonly loadingMs: number;
}

/** The end of the input fires one window of all keys. */
async function fire(input: readonly Reading[]): Promise<Firing> {
  const slow = new SlowSink(SINK_ROOM);
  const flow = dataflow('firing');
  flow
    .from('readings', memory(input), { watermarks: boundedOutOfOrderness('1s', (r) => r.time) })
    .keyBy((r) => r.key)
    .window(tumbling('1s'))
    .aggregate({ count: count(), sum: sum((r: Reading) => r.time) })
    .to('slow', slow.sink);
  globalThis.gc?.();
  const gaps = new LoopGaps();
  const started = performance.now();
  await (
    await flow.run({ logger: silentLogger })
  ).done;
  const ended = performance.now();
  await gaps.stop();
  const firingMs = ended - slow.firstRowAt;
  return {
    sink: slow,
    firingMs,
    longestMs: gaps.longest(slow.firstRowAt, ended),
    wallMs: gaps.longestByWall(slow.firstRowAt, ended),
    loadingMs: gaps.longest(started, slow.firstRowAt),
  };
}

async function run({ quick, rounds }: BenchOptions): Promise<CaseResult> {
  const keys = quick ? 200_000 : 1_000_000;
  const input = Array.from({ length: keys }, (_, key): Reading => ({ key, time: key % 1_000 }));
  const runs: Firing[] = [];
  for (let round = 0; round < rounds; round++) runs.push(await fire(input));
  const all = (value: (run: Firing) => number): string => runs.map((one) => value(one).toFixed(1)).join(', ');
  const medianMs = median(runs.map((one) => one.firingMs));
  const growth = runs.map(({ sink }) => (sink.peakHeap - sink.heapAtFirstRow) / MB);
  const bufferedMost = Math.max(...runs.map(({ sink }) => sink.peak));
  return {
    name: 'firing',
    figures: [{ contender: 'firing into a slow sink', medianMs, recordsPerSecond: (keys / medianMs) * 1_000 }],
    bars: [
      atMost('longest gap outside GC, ms (median of runs)', median(runs.map((one) => one.longestMs)), MAX_GAP_MS),
      atMost('results waiting in the sink, most', bufferedMost, SINK_ROOM + OVERSHOOT),
      atMost('growth of the heap while firing, MB', Math.max(...growth), MAX_HEAP_GROWTH_MB),
    ],
    notes: [
      `longest gap of each run, ms: firing ${all((one) => one.longestMs)}; filling ${all((one) => one.loadingMs)}`,
      `firing by the wall clock, with what the machine did meanwhile: ${all((one) => one.wallMs)}`,
    ],
    wrong: runs.filter(({ sink }) => sink.rows !== keys).map(({ sink }) => `${sink.rows} rows for ${keys} keys`),
  };
}

export const firing: BenchCase = { name: 'firing', about: 'a watermark that fires 1e6 keys into a slow sink', run };
