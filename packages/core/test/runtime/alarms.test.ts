import { describe, expect, it } from 'vitest';
import {
  dataflow,
  fixedDelay,
  memoryCheckpoints,
  memorySink,
  silentLogger,
  MillraceError,
  type JobEvent,
  type RunOptions,
  type Source,
} from '../../src/index.ts';
import { Alarms, alarmSettings, type WatchedSource } from '../../src/runtime/alarms.ts';
import { JobTime } from './support-time.ts';

const NOTHING = { count: 0, sumMs: 0, maxMs: 0, buckets: [], p50Ms: undefined, p99Ms: undefined };

const source = (fields: Partial<WatchedSource>): WatchedSource => ({
  name: 'orders',
  latency: NOTHING,
  idle: false,
  waitingMs: undefined,
  ...fields,
});

function alarms(options: RunOptions['alarms']) {
  const events: JobEvent[] = [];
  const watch = new Alarms(alarmSettings(options) as NonNullable<ReturnType<typeof alarmSettings>>, (event) =>
    events.push(event),
  );
  return { watch, events };
}

describe('an alarm', () => {
  it('is told once a limit was exceeded for long enough, and again when it no longer is', () => {
    const { watch, events } = alarms({ lag: 100, for: '30s' });
    for (let now = 0; now <= 40_000; now += 1_000) watch.look(now, [source({ lag: 101 + now / 1_000 })]);
    expect(events).toEqual([{ type: 'alarm', source: 'orders', kind: 'lag', value: 131, limit: 100, since: 0 }]);
    expect(watch.active).toEqual([{ source: 'orders', kind: 'lag', value: 141, limit: 100, since: 0 }]);
    watch.look(41_000, [source({ lag: 100 })]);
    expect(events[1]).toEqual({ type: 'alarmEnded', source: 'orders', kind: 'lag', value: 100, limit: 100, since: 0 });
    expect(watch.active).toEqual([]);
  });

  it('is not told for less', () => {
    const { watch, events } = alarms({ lag: 100, for: '30s' });
    for (let now = 0; now <= 90_000; now += 1_000) watch.look(now, [source({ lag: now % 20_000 === 0 ? 5 : 500 })]);
    expect(events).toEqual([]);
  });

  it('what is not known changes nothing', () => {
    const { watch, events } = alarms({ lag: 100, for: 1_000 });
    watch.look(0, [source({ lag: 500 })]);
    watch.look(500, [source({})]);
    watch.look(1_000, [source({ lag: 500 })]);
    watch.look(2_000, [source({})]);
    expect(events.map(({ type }) => type)).toEqual(['alarm']);
  });

  it('is one per source and kind', () => {
    const { watch, events } = alarms({ lag: 1, watermarkLag: '1s', latency: '1s', for: 0 });
    const slow = { ...NOTHING, p99Ms: 1_500 };
    watch.look(0, [source({ lag: 2, watermarkLagMs: 1_001, latency: slow }), source({ name: 'other', lag: 2 })]);
    expect(
      events.map((event) => (event.type === 'alarm' ? `${event.source} ${event.kind} ${event.value}` : '')),
    ).toEqual(['orders lag 2', 'orders watermarkLag 1001', 'orders latency 1500', 'other lag 2']);
  });

  it('latency counts what waits for a commit that does not come', () => {
    const { watch, events } = alarms({ latency: '2s', for: 0 });
    watch.look(0, [source({ waitingMs: 2_001 })]);
    expect(events).toMatchObject([{ type: 'alarm', kind: 'latency', value: 2_001 }]);
  });

  it('event time that stands still because nothing comes is none', () => {
    const { watch, events } = alarms({ watermarkLag: '1s', for: 0 });
    watch.look(0, [source({ watermarkLagMs: 5_000 })]);
    watch.look(1_000, [source({ idle: true })]);
    expect(events.map(({ type }) => type)).toEqual(['alarm', 'alarmEnded']);
  });

  it('ends with the job', () => {
    const { watch, events } = alarms({ lag: 1, for: 0 });
    watch.look(0, [source({ lag: 2 })]);
    watch.end();
    watch.end();
    expect(events.map(({ type }) => type)).toEqual(['alarm', 'alarmEnded']);
  });
});

describe('alarms of a job', () => {
  /** A live source with a lag that the test sets. */
  function lagging(fails: () => boolean = () => false) {
    const state = { lag: 0, wake: (): void => undefined };
    const live: Source<number> = {
      kind: 'lagging',
      bounded: false,
      onError: 'fail',
      open: (context) => {
        state.wake = context.wake;
        return Promise.resolve({
          partitions: [{ id: '0' }, { id: '1' }],
          poll: () => {
            if (fails()) throw new MillraceError('IO_FAILED', { message: 'it is away', retryable: true });
            return 'pending' as const;
          },
          lag: () => state.lag / 2,
          close: () => Promise.resolve(),
        });
      },
    };
    return { live, state };
  }

  async function run(live: Source<number>, options: RunOptions) {
    const time = new JobTime(5_000_000);
    const events: JobEvent[] = [];
    const flow = dataflow('watched');
    flow.from('in', live).to('out', memorySink());
    const onEvent = (event: JobEvent): void => void (event.type.startsWith('alarm') && events.push(event));
    const handle = await flow.run({ clock: time, scheduler: time, logger: silentLogger, onEvent, ...options });
    return { handle, time, events };
  }

  it('are told by onEvent, stand in its metrics, and end with it', async () => {
    const { live, state } = lagging();
    const { handle, time, events } = await run(live, { alarms: { lag: 10, for: '3s' } });
    await time.pass(2_000);
    state.lag = 20;
    await time.pass(3_000);
    expect(events).toEqual([]);
    await time.pass(2_000);
    const told = { source: 'in', kind: 'lag', value: 20, limit: 10, since: 5_003_000 };
    expect(events).toEqual([{ type: 'alarm', ...told }]);
    expect(handle.metrics().alarms).toEqual([told]);
    expect(handle.metrics().sources[0]?.lag).toBe(20);
    await handle.stop();
    expect(events.at(-1)).toEqual({ type: 'alarmEnded', ...told });
  });

  it('outlive a restart of the job', async () => {
    let failing = false;
    const { live, state } = lagging(() => failing);
    const { handle, time, events } = await run(live, {
      alarms: { lag: 10, for: '3s' },
      checkpoints: memoryCheckpoints(),
      restart: fixedDelay({ attempts: 5, delay: '500ms' }),
    });
    state.lag = 20;
    await time.pass(2_000);
    failing = true;
    state.wake();
    await time.rest();
    failing = false;
    await time.pass(3_000);
    expect(handle.metrics().restarts).toBe(1);
    expect(events).toMatchObject([{ type: 'alarm', since: 5_001_000 }]);
    await handle.stop();
  });

  it.each([
    [{}, /alarms of flow\.run\(\)/],
    [{ lag: -1 }, /lag in alarms of flow\.run\(\) is -1/],
    [{ latency: 'soon' }, /latency in alarms of flow\.run\(\) is "soon"/],
    [{ lags: 5 }, /made of lag, watermarkLag, latency, for/],
    [{ lag: 5, for: '-1s' }, /for in alarms/],
  ])('%o is refused', async (options, message) => {
    const flow = dataflow('wrong');
    flow.from('in', lagging().live).to('out', memorySink());
    // What programs without types may pass.
    await expect(flow.run({ alarms: options as RunOptions['alarms'] & object })).rejects.toThrow(message);
  });
});
