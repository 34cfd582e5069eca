import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  dataflow,
  generator,
  memory,
  memoryCheckpoints,
  memorySink,
  silentLogger,
  type Sink,
} from '../../src/index.ts';
import { pipelineDriver } from '../../src/testing.ts';
import { JobTime } from './support-time.ts';

/** A sink that says when it has room. */
function gate() {
  let open = true;
  let wake = (): void => undefined;
  const sink: Sink<unknown> = {
    kind: 'gate',
    async open(context) {
      wake = context.wake;
      const writer = await memorySink().open(context);
      return Object.assign(Object.create(writer) as typeof writer, { ready: () => open });
    },
  };
  const set = (to: boolean): void => {
    open = to;
    wake();
  };
  return { sink, set };
}

describe('what is measured at a source', () => {
  it('records and rates of the last 10 seconds', async () => {
    const time = new JobTime(1_000_000);
    const flow = dataflow('rates');
    flow
      .from(
        'in',
        generator((i) => i),
        { rateLimit: { records: 200 } },
      )
      .to('out', memorySink());
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger });
    await time.pass(20_000);
    const [source] = handle.metrics().sources;
    expect(source?.recordsRead).toBe(handle.metrics().operators[0]?.in);
    expect(source?.recordsPerSecond).toBeGreaterThan(190);
    expect(source?.recordsPerSecond).toBeLessThan(210);
    expect(source?.bytesPerSecond).toBeUndefined();
    await handle.stop();
  });

  it('watermark lag is 0 where event time is ahead of the clock', async () => {
    const time = new JobTime(1_000_000);
    const flow = dataflow('ahead');
    const watermarks = ascendingTimestamps((n: number) => n);
    flow.from('in', memory([1_060_000], { bounded: false }), { watermarks }).to('out', memorySink());
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger });
    await time.pass(2_000);
    expect(handle.metrics().sources[0]?.watermarkLagMs).toBe(0);
    await handle.stop();
  });

  it('watermark lag: how far event time is behind the clock', async () => {
    const time = new JobTime(1_000_000);
    const watermarks = ascendingTimestamps((n: number) => n, { idleAfter: '30s' });
    const flow = dataflow('behind');
    flow.from('in', memory([990_000, 995_001], { bounded: false }), { watermarks }).to('out', memorySink());
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger });
    await time.pass(2_000);
    expect(handle.metrics().sources[0]?.watermarkLagMs).toBe(7_000);
    // Once nothing comes, event time stands still for good reason.
    await time.pass(60_000);
    expect(handle.metrics().sources[0]?.watermarkLagMs).toBeUndefined();
    await handle.stop();
  });

  it('latency: from the record to the commit that covers it; without checkpoints to its sinks', async () => {
    for (const [checkpoints, expected] of [
      [undefined, 5_000],
      [memoryCheckpoints(), 6_000],
    ] as const) {
      const time = new JobTime(1_000_000);
      const watermarks = ascendingTimestamps((n: number) => n, { idleAfter: 'never' });
      const flow = dataflow('latency');
      flow.from('in', memory([995_000], { bounded: false }), { watermarks }).to('out', memorySink());
      const options = checkpoints === undefined ? {} : { checkpoints, commitInterval: '1s' as const };
      const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger, ...options });
      await time.pass(3_000);
      const latency = handle.metrics().sources[0]?.latency;
      expect(latency).toMatchObject({ count: 1, sumMs: expected, maxMs: expected });
      expect(latency?.p99Ms).toBeGreaterThan(expected / 2.5);
      expect(latency?.p99Ms).toBeLessThanOrEqual(expected);
      await handle.stop();
    }
  });

  it('commits: how many, how large, how long', async () => {
    const time = new JobTime(1_000_000);
    const flow = dataflow('commits');
    flow.from('in', memory([1], { bounded: false })).to('out', memorySink());
    const options = { checkpoints: memoryCheckpoints(), commitInterval: '1s' as const };
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger, ...options });
    await time.pass(3_000);
    expect(handle.metrics().commits).toMatchObject({ count: 3, lastAt: 1_003_000, duration: { count: 3 } });
    await handle.stop();
  });
});

describe('where time goes', () => {
  it('a source is back-pressured, and its sink busy, while the sink has no room; idle while nothing comes', async () => {
    const time = new JobTime();
    const { sink, set } = gate();
    const flow = dataflow('pressed');
    flow
      .from(
        'in',
        generator((i) => i),
        { rateLimit: { records: 10 } },
      )
      .to('out', sink);
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger });
    await time.pass(10_000);
    expect(handle.metrics().sources[0]?.time).toMatchObject({ backPressuredMs: 0, idleMsPerSecond: 1_000 });
    set(false);
    await time.pass(5_000);
    const pressed = handle.metrics();
    expect(pressed.sources[0]?.time).toMatchObject({ backPressuredMs: 5_000, idleMs: 10_000 });
    expect(pressed.sources[0]?.time.backPressuredMsPerSecond).toBeCloseTo(500, -2);
    expect(pressed.sinks[0]).toMatchObject({
      name: 'out',
      time: { busyMs: 5_000, backPressuredMs: 0, idleMs: 10_000 },
    });
    set(true);
    await time.pass(20_000);
    const after = handle.metrics().sources[0]?.time;
    expect(after).toMatchObject({ backPressuredMs: 5_000, backPressuredMsPerSecond: 0 });
    await handle.stop();
  });

  it('a source is busy while its records are processed, by the clock', async () => {
    const time = new JobTime();
    const flow = dataflow('busy');
    flow
      .from(
        'in',
        generator((i) => i),
        { rateLimit: { records: 10 } },
      )
      .map((n) => {
        time.advance(40);
        return n;
      })
      .to('out', memorySink());
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger });
    await time.pass(20_000);
    const { busyMs, idleMs, busyMsPerSecond } = handle.metrics().sources[0]?.time ?? {
      busyMs: 0,
      idleMs: 0,
      busyMsPerSecond: 0,
    };
    const { recordsRead = 0 } = handle.metrics().sources[0] ?? {};
    expect(busyMs).toBe(40 * recordsRead);
    expect(busyMs + idleMs).toBe(time.monotonic());
    expect(busyMsPerSecond).toBeGreaterThan(200);
    await handle.stop();
  });

  it('the test kit reports them, too', async () => {
    const flow = dataflow('kit');
    flow.from('in', memory([1, 2, 3])).to('out', memorySink());
    const driver = await pipelineDriver(flow);
    const { sources, sinks } = await driver.runToEnd();
    expect(sources[0]?.recordsRead).toBe(3);
    expect(sinks).toMatchObject([{ name: 'out', buffered: 0 }]);
  });
});
