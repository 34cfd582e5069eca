import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  boundedOutOfOrderness,
  count,
  dataflow,
  generator,
  session,
  silentLogger,
  sum,
  tumbling,
  type CheckpointStorage,
  type Dataflow,
  type Sink,
} from 'millrace';
import { directory } from 'millrace/node';
import { LoopGaps } from '../harness/loop-gaps.ts';
import { atLeast, atMost, median } from '../harness/measure.ts';
import type { BenchCase, BenchOptions, CaseResult } from '../harness/model.ts';
import { TimedScheduler } from '../harness/timed-scheduler.ts';

interface Reading {
  readonly key: number;
  readonly time: number;
}

const GAP_MS_MAX = 5;
const SLICE_MS_MAX = 2;
const THROUGHPUT_MIN = 0.65;
const RESTORE_MS_MAX = 3_000;
/** Phases with checkpoints, and as many without. */
const PAIRS = 5;

type Kind = 'tumbling' | 'sessions';

/** What a phase came to, measured after all keys are there. */
interface Phase {
  readonly recordsPerSecond: number;
  readonly gapMs: number;
  readonly sliceMs: number;
  readonly collectionMs: number;
  readonly checkpoints: number;
  readonly megabytes: number;
}

/** Each key once, then keys at random: the state stays the same size and all of it keeps changing. */
class Input {
  readonly keys: number;
  readonly records: number;
  filledAt = 0;
  endedAt = 0;
  onEnd: () => void = () => undefined;

  constructor(keys: number, records: number) {
    this.keys = keys;
    this.records = records;
  }

  readonly next = (i: number): Reading => {
    if (i === this.keys) this.filledAt = performance.now();
    if (i === this.records - 1) {
      this.endedAt = performance.now();
      this.onEnd();
    }
    const key = i < this.keys ? i : Math.imul(i, 2_654_435_761) >>> 0;
    return { key: key % this.keys, time: i >>> 10 };
  };
}

/** A sink with nothing to do in all steps of the protocol; the job is stopped before its window fires. */
function idleSink(): Sink<unknown> {
  const done = async (): Promise<void> => undefined;
  return {
    kind: 'idle',
    guarantee: 'exactly-once',
    open: async () => ({
      buffered: 0,
      write: () => undefined,
      ready: () => true,
      flush: done,
      finish: done,
      abort: done,
      transaction: { recover: done, cut: () => undefined, prepare: async () => null, commit: done },
    }),
  };
}

function flowOf(kind: Kind, input: Input): Dataflow {
  const flow = dataflow(`checkpoint-${kind}`);
  const keyed = flow
    .from('readings', generator(input.next, { count: input.records }), {
      watermarks: boundedOutOfOrderness('1s', (reading: Reading) => reading.time),
    })
    .keyBy((reading) => reading.key);
  const spec = { count: count(), sum: sum((reading: Reading) => reading.time) };
  if (kind === 'tumbling') keyed.window(tumbling('1h')).aggregate(spec).to('out', idleSink());
  else keyed.window(session('1h')).aggregate(spec).to('out', idleSink());
  return flow;
}

async function phase(kind: Kind, input: Input, checkpoints: CheckpointStorage | undefined): Promise<Phase> {
  globalThis.gc?.();
  const scheduler = new TimedScheduler();
  const gaps = new LoopGaps();
  let written = 0;
  let commits = 0;
  const handle = await flowOf(kind, input).run({
    logger: silentLogger,
    scheduler,
    maxStateBytes: 8 * 2 ** 30,
    ...(checkpoints === undefined ? {} : { checkpoints }),
    onEvent: (event) => {
      if (event.type !== 'checkpoint' || performance.now() < input.filledAt || input.filledAt === 0) return;
      commits++;
      written += event.bytes;
    },
  });
  input.onEnd = () => void handle.stop();
  await handle.done;
  await gaps.stop();
  const { filledAt, endedAt, keys, records } = input;
  return {
    recordsPerSecond: ((records - keys) / (endedAt - filledAt)) * 1_000,
    gapMs: gaps.longest(filledAt, endedAt),
    sliceMs: scheduler.longest(gaps, filledAt, endedAt),
    collectionMs: gaps.longestCollection(filledAt, endedAt),
    checkpoints: commits,
    megabytes: written / 1e6,
  };
}

/** Milliseconds from the checkpoint to a job that goes on. */
async function restore(kind: Kind, input: Input, checkpoints: CheckpointStorage): Promise<number> {
  globalThis.gc?.();
  let restoredMs = NaN;
  const handle = await flowOf(kind, input).run({
    logger: silentLogger,
    checkpoints,
    maxStateBytes: 8 * 2 ** 30,
    onEvent: (event) => {
      if (event.type === 'restored') restoredMs = event.durationMs;
    },
  });
  await handle.stop();
  return restoredMs;
}

async function run(kind: Kind, { quick }: BenchOptions): Promise<CaseResult> {
  const keys = quick ? 200_000 : 1_000_000;
  const records = keys + (quick ? 1_000_000 : 4_000_000);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [on, off]: [Phase[], Phase[]] = [[], []];
  let restoreMs = NaN;
  try {
    // For the compiler, as in the other cases.
    await phase(kind, new Input(keys, records), directory(join(folder, 'warm')));
    await phase(kind, new Input(keys, records), undefined);
    for (let pair = 0; pair < PAIRS; pair++) {
      const checkpoints = directory(join(folder, String(pair)));
      const both = [
        async () => on.push(await phase(kind, new Input(keys, records), checkpoints)),
        async () => off.push(await phase(kind, new Input(keys, records), undefined)),
      ];
      for (const one of pair % 2 === 0 ? both : both.toReversed()) await one();
      if (pair === PAIRS - 1) restoreMs = await restore(kind, new Input(keys, records), checkpoints);
      rmSync(join(folder, String(pair)), { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return resultOf(kind, on, off, restoreMs);
}

function resultOf(kind: Kind, on: readonly Phase[], off: readonly Phase[], restoreMs: number): CaseResult {
  const medianOf = (phases: readonly Phase[], value: (one: Phase) => number): number => median(phases.map(value));
  const all = (phases: readonly Phase[], value: (one: Phase) => number): string =>
    phases.map((one) => value(one).toFixed(1)).join(', ');
  const ratios = on.map((one, i) => one.recordsPerSecond / (off[i]?.recordsPerSecond ?? NaN));
  const figure = (contender: string, phases: readonly Phase[]) => {
    const recordsPerSecond = medianOf(phases, (one) => one.recordsPerSecond);
    return { contender, recordsPerSecond, medianMs: 1e9 / recordsPerSecond };
  };
  const gap = (one: Phase): number => one.gapMs;
  return {
    name: kind === 'tumbling' ? 'checkpoint' : 'checkpoint-sessions',
    figures: [figure('with checkpoints', on), figure('without', off)],
    bars: [
      atMost(
        'longest gap outside GC, with minus without, ms (medians)',
        medianOf(on, gap) - medianOf(off, gap),
        GAP_MS_MAX,
      ),
      atMost(
        'longest slice of ours, ms (median)',
        medianOf(on, (one) => one.sliceMs),
        SLICE_MS_MAX,
      ),
      atLeast('throughput against that without', median(ratios), THROUGHPUT_MIN),
      atMost('restore, ms', restoreMs, RESTORE_MS_MAX),
    ],
    notes: [
      `longest gap outside GC, ms: with ${all(on, gap)}; without ${all(off, gap)}`,
      `longest slice of ours, ms: with ${all(on, (one) => one.sliceMs)}; without ${all(off, (one) => one.sliceMs)}`,
      `longest collection of garbage, ms: with ${all(on, (one) => one.collectionMs)}; without ${all(off, (one) => one.collectionMs)}`,
      `throughput ratios: ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`,
      `checkpoints per phase ${on.map((one) => one.checkpoints).join(', ')}; MB written ${all(on, (one) => one.megabytes)}`,
    ],
    wrong: on.some((one) => one.checkpoints === 0) ? ['a phase was over before its first checkpoint'] : [],
  };
}

export const checkpoint: BenchCase = {
  name: 'checkpoint',
  about: 'pauses and speed with all of the checkpoint protocol, 1e6 keys that keep changing; restore',
  run: (options) => run('tumbling', options),
};

export const checkpointSessions: BenchCase = {
  name: 'checkpoint-sessions',
  about: 'the same with session windows and their timers',
  run: (options) => run('sessions', options),
};
