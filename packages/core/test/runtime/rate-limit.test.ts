import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  ascendingTimestamps,
  count,
  dataflow,
  generator,
  memory,
  memoryCheckpoints,
  memoryPartitions,
  memorySink,
  silentLogger,
  tumbling,
  type RateLimit,
  type Source,
} from '../../src/index.ts';
import { ndjson } from '../../src/node.ts';
import { pipelineDriver, type PipelineDriver } from '../../src/testing.ts';
import { JobTime } from './support-time.ts';

const numbers = (length: number): number[] => Array.from({ length }, (_, i) => i);

async function limited<T>(source: Source<T>, rateLimit: RateLimit) {
  const out = memorySink<T>();
  const flow = dataflow('limited');
  flow.from('in', source, { rateLimit }).to('out', out);
  return { driver: await pipelineDriver(flow), rows: out.rows };
}

describe('a limited source', () => {
  it.each([
    ['bounded memory', memory(numbers(100_000)), { records: 1_000 }],
    ['live memory', memory(numbers(100_000), { bounded: false }), { records: '1000/s' }],
    ['a generator without end', generator((i) => i), { records: 1_000 }],
    ['a bounded generator', generator((i) => i, { count: 100_000 }), { recordsPerSecond: 1_000 }],
    ['partitions', memoryPartitions([numbers(50_000), numbers(50_000)], { bounded: false }), { records: 1_000 }],
  ] satisfies [string, Source<number>, RateLimit][])('%s is read at its rate', async (_name, source, rateLimit) => {
    const { driver, rows } = await limited(source, rateLimit);
    driver.advance(500);
    expect(Math.abs(rows.length - 500)).toBeLessThanOrEqual(20);
    driver.advance(9_500);
    expect(Math.abs(rows.length - 10_000)).toBeLessThanOrEqual(20);
    driver.assertConservation();
    await driver.crash();
  });

  it('does the same at the same times in every run', async () => {
    const runs = await Promise.all(
      [1, 2].map(async () => {
        const { driver, rows } = await limited(memoryPartitions([numbers(9_000), numbers(9_000)], { bounded: false }), {
          records: 777,
        });
        const seen: number[] = [];
        for (let i = 0; i < 50; i++) {
          driver.advance(37);
          seen.push(rows.length);
        }
        await driver.crash();
        return { seen, rows: [...rows] };
      }),
    );
    expect(runs[0]).toEqual(runs[1]);
  });

  it('reads files by their bytes', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-rate-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const line = `${JSON.stringify({ text: 'x'.repeat(86) })}\n`; // 98 bytes
    writeFileSync(path.join(folder, 'in.ndjson'), line.repeat(5_000));
    const time = new JobTime();
    const flow = dataflow('bytes');
    const out = memorySink();
    flow.from('in', ndjson(path.join(folder, 'in.ndjson')), { rateLimit: { bytes: 100_000 } }).to('out', out);
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger });
    // The disk takes its own time: virtual time goes on only once something could be read.
    while (out.rows.length === 0) await time.pass(50);
    const [from, fromMs] = [out.rows.length, time.monotonic()];
    await time.pass(2_000);
    const read = (out.rows.length - from) * line.length;
    const passed = (time.monotonic() - fromMs) / 1_000;
    expect(read).toBeLessThanOrEqual(100_000 * passed + 10_000);
    expect(read).toBeGreaterThan(0);
    expect(handle.metrics().sources[0]?.bytesRead).toBe(out.rows.length * line.length);
    await handle.stop();
  });
});

describe('fairness', () => {
  it('no partition of a limited source starves, also where an unlimited one is read all the time', async () => {
    const flow = dataflow('fair');
    const slow = memorySink<string>();
    const named = ['a', 'b', 'c'].map((name) => numbers(10_000).map(() => name));
    flow.from('slow', memoryPartitions(named, { bounded: false }), { rateLimit: { records: 30 } }).to('s', slow);
    // Time moves while it is read, as it does where reading takes time: whoever is asked first after it would always win.
    const moved: { by?: PipelineDriver } = {};
    const busy: Source<number> = {
      kind: 'busy',
      bounded: false,
      onError: 'fail',
      open: () =>
        Promise.resolve({
          partitions: [{ id: '0' }, { id: '1' }],
          poll: () => {
            moved.by?.time.advance(40);
            const rest = { positions: undefined, timestamps: undefined, part: undefined, rejected: [], next: 0 };
            return { values: [1], from: 0, to: 1, firstPosition: 0, ...rest };
          },
          close: () => Promise.resolve(),
        }),
    };
    flow.from('busy', busy).to('b', memorySink());
    const driver = (moved.by = await pipelineDriver(flow));
    while (driver.time.monotonic() < 60_000) driver.step();
    const shares = ['a', 'b', 'c'].map((name) => slow.rows.filter((row) => row === name).length);
    expect(Math.min(...shares)).toBeGreaterThan(0.95 * Math.max(...shares));
    expect(shares.reduce((sum, n) => sum + n, 0)).toBeGreaterThan(1_000);
    await driver.crash();
  });
});

describe('idleness under a limit', () => {
  const counted = async (partitions: readonly (readonly number[])[], perSecond: number) => {
    const out = memorySink<string>();
    const flow = dataflow('idle');
    flow
      .from('numbers', memoryPartitions(partitions, { bounded: false }), {
        watermarks: ascendingTimestamps((n: number) => n, { idleAfter: '5s' }),
        rateLimit: { records: perSecond },
      })
      .windowAll(tumbling(10))
      .aggregate({ n: count() }, (r) => `${r.window.start}:${r.value.n}`)
      .to('out', out);
    return { driver: await pipelineDriver(flow), rows: out.rows };
  };

  it('what waits for the limit is not idle', async () => {
    const { driver } = await counted([numbers(100), numbers(100)], 0.1);
    driver.advance(120_000);
    expect(driver.metrics().sources[0]?.partitions.map(({ idle }) => idle)).toEqual([false, false]);
    await driver.crash();
  });

  it('a partition that has nothing becomes idle, however seldom the limit lets it be asked', async () => {
    const { driver, rows } = await counted([numbers(100), []], 0.1);
    driver.advance(240_000);
    expect(driver.metrics().sources[0]?.partitions.map(({ idle }) => idle)).toEqual([false, true]);
    expect(rows).toContain('0:10');
    await driver.crash();
  });

  it('a generator that waits for its limit is not idle', async () => {
    const flow = dataflow('generated');
    const watermarks = ascendingTimestamps((n: number) => n, { idleAfter: '1s' });
    flow
      .from(
        'in',
        generator((i) => i),
        { watermarks, rateLimit: { records: 0.2 } },
      )
      .to('out', memorySink());
    const driver = await pipelineDriver(flow);
    driver.advance(60_000);
    expect(driver.metrics().sources[0]?.partitions[0]?.idle).toBe(false);
    await driver.crash();
  });
});

describe('while a source waits for its limit', () => {
  const job = async (bounded: boolean) => {
    const time = new JobTime();
    const out = memorySink<number>();
    const flow = dataflow('waiting');
    flow.from('in', memory(numbers(1_000), { bounded }), { rateLimit: { records: 0.05 } }).to('out', out);
    const commits: number[] = [];
    const handle = await flow.run({
      clock: time,
      scheduler: time,
      logger: silentLogger,
      checkpoints: memoryCheckpoints(),
      commitInterval: '1s',
      onEvent: (event) => {
        if (event.type === 'checkpoint') commits.push(event.id);
      },
    });
    return { time, handle, commits };
  };

  it.each([true, false])('checkpoints are taken, and stop ends the job (bounded: %s)', async (bounded) => {
    const { time, handle, commits } = await job(bounded);
    await time.pass(5_000);
    expect(commits).toEqual([1, 2, 3, 4, 5]);
    await handle.stop();
    expect(handle.status).toBe('stopped');
  });
});

describe('a wrong limit', () => {
  const from = (rateLimit: unknown) => () =>
    // What programs without types may pass.
    dataflow('wrong').from('in', memory([1]), { rateLimit: rateLimit as RateLimit });

  it.each([
    [{}, /records or bytes per second/],
    [{ records: 0 }, /rateLimit\.records of from\('in'\) is 0/],
    [{ records: 'fast' }, /is "fast", but must be a number above 0 or text such as '1000\/s'/],
    [{ records: '10/m' }, /is "10\/m"/],
    [{ recordsPerSecond: -1 }, /rateLimit\.recordsPerSecond of from\('in'\) is -1/],
    [{ records: 1, recordsPerSecond: 1 }, /left out where records is given/],
    [{ record: 1 }, /made of records, bytes/],
    [{ bytes: 100 }, /does not know how many bytes a record takes\. Limit records instead/],
  ])('%o is refused', (limit, message) => {
    expect(from(limit)).toThrow(message);
  });
});
