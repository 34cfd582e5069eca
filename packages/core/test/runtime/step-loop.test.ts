import { describe, expect, it } from 'vitest';
import {
  ascendingTimestamps,
  count,
  dataflow,
  generator,
  memory,
  memorySink,
  silentLogger,
  tumbling,
  type Sink,
  type SinkWriter,
} from '../../src/index.ts';

/** A sink that takes `room` records and is then full until the event loop has turned. */
function slowSink(room: number): Sink<unknown> & { readonly state: { rows: number; held: number; most: number } } {
  const state = { rows: 0, held: 0, most: 0 };
  return {
    kind: 'slow',
    state,
    open({ wake, scheduler }) {
      const writer: SinkWriter<unknown> = {
        get buffered() {
          return state.held;
        },
        write() {
          state.rows++;
          state.held++;
          state.most = Math.max(state.most, state.held);
        },
        ready() {
          if (state.held < room) return true;
          scheduler.defer(() => {
            state.held = 0;
            wake();
          });
          return false;
        },
        flush: () => Promise.resolve(),
        finish: () => Promise.resolve(),
        abort: () => Promise.resolve(),
      };
      return Promise.resolve(writer);
    },
  };
}

describe('the step loop', () => {
  it('a watermark that fires 100,000 keys takes steps of at most 512 results, with back-pressure between them', async () => {
    const sink = slowSink(100);
    const flow = dataflow('f');
    flow
      .from(
        'keys',
        generator((i) => i, { count: 100_000 }),
        { watermarks: ascendingTimestamps(() => 0) },
      )
      .keyBy((i) => i)
      .window(tumbling('1m'))
      .aggregate({ n: count() })
      .to('out', sink);
    const handle = await flow.run({ logger: silentLogger });
    await handle.done;
    expect(sink.state.rows).toBe(100_000);
    expect(sink.state.most).toBeLessThan(100 + 512);
  });

  it('takes no record from a source while a sink is full', async () => {
    const sink = slowSink(600);
    const flow = dataflow('f');
    flow.from('numbers', memory(Array.from({ length: 50_000 }, (_, i) => i))).to('out', sink);
    await (
      await flow.run()
    ).done;
    expect(sink.state.rows).toBe(50_000);
    expect(sink.state.most).toBeLessThan(600 + 512);
  });

  it('gives timers and I/O their turn while it works', async () => {
    const flow = dataflow('f');
    flow
      .from(
        'numbers',
        generator((i) => i, { count: 3_000_000 }),
      )
      .filter(() => false)
      .to('out', memorySink());
    const handle = await flow.run();
    let turns = 0;
    const tick = (): void => {
      if (handle.status !== 'running') return;
      turns++;
      setImmediate(tick);
    };
    tick();
    await handle.done;
    expect(turns).toBeGreaterThan(20);
  });

  it('an endless iterator in flatMap starves nobody: memory stays flat and the job can be stopped', async () => {
    const sink = slowSink(1);
    const flow = dataflow('f');
    flow
      .from('one', memory([1]))
      .flatMap(function* () {
        for (let i = 0; ; i++) yield i;
      })
      .to('out', sink);
    const handle = await flow.run();
    await new Promise<void>((resolve) => {
      const wait = (): void => void (sink.state.rows > 5_000 ? resolve() : setImmediate(wait));
      wait();
    });
    expect(sink.state.most).toBeLessThanOrEqual(513);
    expect(handle.metrics().operators[1]).toMatchObject({ in: 1, buffered: 1, missing: 0 });
    await handle.stop();
    expect(handle.status).toBe('stopped');
  });

  it('nested flatMaps give the order of plain nested loops', async () => {
    const out = memorySink<number>();
    const flow = dataflow('f');
    const upTo = (n: number) =>
      function* (base: number): Generator<number> {
        for (let i = 0; i < n; i++) yield base * n + i;
      };
    flow
      .from('n', memory([0, 1, 2]))
      .flatMap(upTo(700))
      .flatMap(upTo(3))
      .to('out', out);
    await (
      await flow.run()
    ).done;
    expect(out.rows).toEqual(Array.from({ length: 6300 }, (_, i) => i));
  });

  it('stop() ends a live job without firing open windows; stop({ drain }) fires them', async () => {
    for (const drain of [false, true]) {
      const out = memorySink<number>();
      const flow = dataflow('f');
      flow
        .from('live', memory([1, 2, 3], { bounded: false }), { watermarks: ascendingTimestamps((n) => n) })
        .windowAll(tumbling(100))
        .aggregate({ n: count() }, (r) => r.value.n)
        .to('out', out);
      const handle = await flow.run({ logger: silentLogger });
      await new Promise(setImmediate);
      await handle.stop({ drain });
      await handle.done;
      expect([handle.status, out.rows]).toEqual(drain ? ['finished', [3]] : ['stopped', []]);
    }
  });
});
