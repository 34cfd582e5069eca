import {
  ascendingTimestamps,
  avg,
  count,
  dataflow,
  decimalSum,
  max,
  memory,
  memoryPartitions,
  min,
  sideOutput,
  silentLogger,
  sum,
  tumbling,
} from 'millrace';
import { takingSink } from './digest.ts';

interface Sample {
  readonly n: number;
  readonly time: number;
}

const SAMPLES = Array.from({ length: 60_000 }, (_, n): Sample => ({ n, time: n }));
const nowhere = takingSink(() => {});

/** A stateless program with other shapes, a fan-out, a union and a flatMap. */
async function stateless(): Promise<void> {
  const flow = dataflow('warm-up: stateless');
  const texts = flow.from('texts', memory(SAMPLES.map(({ n }) => `text ${n}`)));
  const [even, odd] = flow
    .from('numbers', memoryPartitions([SAMPLES.map(({ n }) => n), SAMPLES.map(({ n }) => -n)]))
    .split((n) => n % 2 === 0);
  const lengths = texts.map((text) => text.length).filter((length) => length > 6);
  even
    .union(
      odd.flatMap((n) => [n, n + 1]),
      lengths,
    )
    .to('numbers out', nowhere);
  lengths.map((length) => ({ length })).to('lengths out', nowhere);
  await (
    await flow.run({ logger: silentLogger })
  ).done;
}

/** Windows behind windows, late records, all aggregates, keys of both kinds, results with and without a projection. */
async function windowed(): Promise<void> {
  const flow = dataflow('warm-up: windowed');
  const late = sideOutput<Sample>('late');
  const samples = flow.from('samples', memory(SAMPLES), { watermarks: ascendingTimestamps((s) => s.time) });
  const first = samples
    .filter((s) => s.n % 5 > 0)
    .keyBy((s) => `key ${s.n % 300}`)
    .window(tumbling('2s'))
    .lateTo(late)
    .aggregate({ least: min((s: Sample) => s.n), most: max((s) => s.n), mean: avg((s) => s.n) });
  first.side(late).to('late', nowhere);
  first
    .windowAll(tumbling('10s'))
    .aggregate({ rows: count() }, (r) => r.value.rows)
    .to('all', nowhere);
  samples
    .map((s) => ({ key: s.n % 50, cents: s.n, time: s.time }))
    .keyBy((s) => s.key)
    .window(tumbling('1s'))
    .allowedLateness('1s')
    .aggregate({ cents: decimalSum((s: { cents: number }) => s.cents), n: sum((s: { cents: number }) => s.cents) })
    .to('cents', nowhere);
  samples
    .keyBy((s) => s.n % 7)
    .window(tumbling('1s'))
    .reduce((a, b) => (a.n > b.n ? a : b))
    .to('most', nowhere);
  await (
    await flow.run({ logger: silentLogger })
  ).done;
}

/**
 * Several programs of all kinds, so that what is measured afterwards runs in code that has seen more than one shape, as
 * in a process that has been up for a while. In a fresh process every engine is faster than it will ever be again.
 */
export async function warmUp(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await stateless();
    await windowed();
  }
}
