/** Moving average: the last 10 minutes, every minute. `node --import tsx examples/small/moving-average.ts` */
import { pathToFileURL } from 'node:url';
import { avg, boundedOutOfOrderness, consoleSink, count, dataflow, memory, sliding, type Sink } from 'millrace';

interface Reading {
  readonly sensor: string;
  readonly celsius: number;
  readonly time: number;
}

export interface Average {
  readonly sensor: string;
  readonly until: number;
  readonly mean: number;
  readonly readings: number;
}

const minute = 60_000;
/** One reading a minute for a quarter of an hour, a little warmer each time. */
const readings: readonly Reading[] = Array.from({ length: 15 }, (_, i) => ({
  sensor: 'roof',
  celsius: 10 + i,
  time: i * minute,
}));

export async function run(out: Sink<Average>): Promise<void> {
  const flow = dataflow('moving-average');
  flow
    .from('readings', memory(readings), { watermarks: boundedOutOfOrderness('10s', (reading) => reading.time) })
    .keyBy((reading) => reading.sensor)
    .window(sliding('10m', '1m'))
    // One update per reading, although each is part of ten windows.
    .aggregate({ mean: avg((reading) => reading.celsius), readings: count() }, ({ key, window, value }) => ({
      sensor: key,
      until: window.end,
      ...value,
    }))
    .to('averages', out);
  await (
    await flow.run()
  ).done;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(consoleSink());
