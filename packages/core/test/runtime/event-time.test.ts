import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  boundedOutOfOrderness,
  count,
  dataflow,
  memory,
  memoryPartitions,
  memorySink,
  sideOutput,
  silentLogger,
  sum,
  tumbling,
  type Dataflow,
  type JobMetrics,
} from '../../src/index.ts';

interface Row {
  readonly k: string;
  readonly t: number;
}
const ascending = ascendingTimestamps((r: Row) => r.t);
const row = (k: string, t: number): Row => ({ k, t });

async function run(flow: Dataflow): Promise<JobMetrics> {
  const handle = await flow.run({ logger: silentLogger });
  await handle.done;
  const metrics = handle.metrics();
  for (const operator of metrics.operators) expect([operator.name, operator.missing]).toEqual([operator.name, 0]);
  return metrics;
}

describe('event time through the step loop', () => {
  it('R27: a record is judged by the watermark of the records before it, not by its own', async () => {
    const out = memorySink<{ n: number; start: number }>();
    const flow = dataflow('f');
    flow
      .from('rows', memory([row('a', 0), row('a', 100), row('a', 99)]), { watermarks: ascending })
      .keyBy((r) => r.k)
      .window(tumbling(100))
      .aggregate({ n: count() }, (r) => ({ n: r.value.n, start: r.window.start }))
      .to('out', out);
    const metrics = await run(flow);
    expect(out.rows).toEqual([
      { n: 1, start: 0 },
      { n: 1, start: 100 },
    ]);
    expect(metrics.operators.find((o) => o.kind === 'window')).toMatchObject({
      in: 3,
      late: 1,
      firstLate: { timestamp: 99, watermark: 99 },
    });
  });

  it('R22 and R24: a window fires when the watermark is its last millisecond, and its result has that timestamp', async () => {
    const out = memorySink<number>();
    const flow = dataflow('f');
    const late = sideOutput<Row>('late');
    const lateOut = memorySink<Row>();
    const result = flow
      .from('rows', memory([row('a', 0), row('a', 101), row('a', 99), row('a', 102)]), {
        watermarks: boundedOutOfOrderness(1, (r) => r.t),
      })
      .keyBy((r) => r.k)
      .window(tumbling(100))
      .lateTo(late)
      .aggregate({ n: count() }, (r) => r.value.n);
    result.to('out', out);
    result.side(late).to('late', lateOut);
    await run(flow);
    // watermark after 101 is 99: [0, 100) has fired, so 99 is late; R10: it keeps its timestamp
    expect([out.rows, out.timestamps]).toEqual([
      [1, 2],
      [99, 199],
    ]);
    expect([lateOut.rows, lateOut.timestamps]).toEqual([[row('a', 99)], [99]]);
  });

  it('R9: late but allowed fires at once, once per record, with the whole contents; R8 judges by the window', async () => {
    const out = memorySink<number>();
    const flow = dataflow('f');
    const records = [row('a', 0), row('a', 150), row('a', 1), row('a', 2), row('a', 161), row('a', 3)];
    flow
      .from('rows', memory(records), { watermarks: ascending })
      .keyBy((r) => r.k)
      .window(tumbling(100))
      .allowedLateness(60)
      .aggregate({ n: count() }, (r) => r.value.n)
      .to('out', out);
    const metrics = await run(flow);
    // clean-up of [0, 100) is at 159: the watermark is 149 for records 1 and 2, and 160 for the last
    expect(out.rows).toEqual([1, 2, 3, 2]);
    expect(metrics.operators.find((o) => o.kind === 'window')).toMatchObject({ late: 1, buffered: 0, absorbed: 5 });
  });

  it('two windows of one size in a row lose nothing', async () => {
    const records = Array.from({ length: 5000 }, (_, i) => row(`k${i % 7}`, i * 31 + ((i * 7919) % 400)));
    const out = memorySink<{ n: number; end: number }>();
    const flow = dataflow('f');
    flow
      .from('rows', memory(records), { watermarks: boundedOutOfOrderness(400, (r: Row) => r.t) })
      .keyBy((r) => r.k)
      .window(tumbling('1m'))
      .aggregate({ n: count() })
      .windowAll(tumbling('1m'))
      .aggregate({ n: sum((r) => r.value.n), keys: count() }, (r) => ({ n: r.value.n, end: r.window.end }))
      .to('out', out);
    const metrics = await run(flow);
    expect(metrics.operators.filter((o) => o.late > 0)).toEqual([]);
    expect(out.rows.reduce((a, r) => a + r.n, 0)).toBe(5000);
    expect(out.rows.map((r) => r.end)).toEqual([60_000, 120_000, 180_000]);
  });

  it('R23: results come before what the watermark lets through behind them', async () => {
    const out = memorySink<string>();
    const flow = dataflow('f');
    const source = flow.from('rows', memory([row('a', 0), row('a', 250)]), { watermarks: ascending });
    const small = source.windowAll(tumbling(100)).aggregate({ n: count() }, (r) => `small ${r.window.start}`);
    const large = source.windowAll(tumbling(200)).aggregate({ n: count() }, (r) => `large ${r.window.start}`);
    small.union(large).to('out', out);
    await run(flow);
    expect(out.rows).toEqual(['small 0', 'large 0', 'small 200', 'large 200']);
  });

  it('R28: the end of bounded input fires everything', async () => {
    const out = memorySink<number>();
    const flow = dataflow('f');
    flow
      .from('rows', memory([row('a', 5)]), { watermarks: ascending })
      .windowAll(tumbling('1d'))
      .aggregate({ n: count() }, (r) => r.value.n)
      .to('out', out);
    await run(flow);
    expect(out.rows).toEqual([1]);
  });

  it('R29: the slowest partition holds the window open, and reading follows event time, whatever the partition sizes', async () => {
    const fast = Array.from({ length: 2000 }, (_, i) => row('fast', i * 10));
    const slow = Array.from({ length: 20_000 }, (_, i) => row('slow', i));
    const out = memorySink<number>();
    const flow = dataflow('f');
    flow
      .from('rows', memoryPartitions([fast, slow]), { watermarks: ascending })
      .windowAll(tumbling('1s'))
      .aggregate({ n: count() }, (r) => r.value.n)
      .to('out', out);
    const metrics = await run(flow);
    expect(metrics.operators.find((o) => o.kind === 'window')?.late).toBe(0);
    expect(out.rows).toEqual(Array.from({ length: 20 }, () => 1100));
  });

  it('a union of two sources waits for the slower one', async () => {
    const out = memorySink<string>();
    const flow = dataflow('f');
    const a = flow.from('a', memory([row('a', 0), row('a', 1000), row('a', 2000)]), { watermarks: ascending });
    const b = flow.from('b', memory([row('b', 10), row('b', 20), row('b', 30)]), { watermarks: ascending });
    a.union(b)
      .keyBy((r) => r.k)
      .window(tumbling(100))
      .aggregate({ n: count() }, (r) => `${r.key}${r.window.start}:${r.value.n}`)
      .to('out', out);
    const metrics = await run(flow);
    expect(metrics.operators.find((o) => o.kind === 'window')?.late).toBe(0);
    expect([...out.rows].sort()).toEqual(['a0:1', 'a1000:1', 'a2000:1', 'b0:3']);
  });

  it('R3: a record without a usable timestamp is an error that names it, never "now"', async () => {
    const flow = dataflow('f');
    flow
      .from('rows', memory([row('a', 1), row('a', NaN)]), { watermarks: ascending })
      .windowAll(tumbling(10))
      .aggregate({ n: count() })
      .to('out', memorySink());
    const handle = await flow.run({ logger: silentLogger });
    await expect(handle.done).rejects.toMatchObject({
      code: 'RECORD_NO_TIMESTAMP',
      fields: { source: 'rows', partition: '0', position: 1 },
      message: expect.stringContaining('it returned NaN, but must return epoch milliseconds'),
    });
    expect(handle.status).toBe('failed');
  });

  it('R7: a window whose clean-up lies beyond the safe integers is never cleaned up, and still fires', async () => {
    const out = memorySink<number>();
    const flow = dataflow('f');
    flow
      .from('rows', memory([row('a', 1), row('a', 5000), row('a', 2)]), { watermarks: ascending })
      .windowAll(tumbling(10))
      .allowedLateness(Number.MAX_SAFE_INTEGER)
      .aggregate({ n: count() }, (r) => r.value.n)
      .to('out', out);
    await run(flow);
    expect(out.rows).toEqual([1, 2, 1]);
  });
});
