import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  consoleSink,
  count,
  dataflow,
  exponentialDelay,
  failureRate,
  fixedDelay,
  memory,
  memoryCheckpoints,
  memorySink,
  MillraceError,
  noRestart,
  silentLogger,
  tumbling,
  boundedOutOfOrderness,
  type CheckpointStorage,
  type FailureLog,
  type JobEvent,
  type Logger,
  type Sink,
} from '../../src/index.ts';
import { directory } from '../../src/node.ts';
import { seededRandom, simulate } from '../../src/testing.ts';
import { systemClock, systemScheduler } from '../../src/platform/web/index.ts';
import { clickFlow, runFlow, temporaryFolder, type Click } from './support.ts';

const clicks: Click[] = Array.from({ length: 20_000 }, (_, i) => ({ user: `u${i % 7}`, at: i * 10 }));

/** A sink that fails now and then, once it has seen some records. */
function failing<T>(inner: Sink<T>, failures: { left: number }, error: () => Error): Sink<T> {
  return {
    ...inner,
    async open(context) {
      const writer = await inner.open(context);
      let seen = 0;
      return {
        buffered: 0,
        write(value, timestamp) {
          if (++seen === 20 && failures.left-- > 0) throw error();
          writer.write(value, timestamp);
        },
        ready: () => writer.ready(),
        flush: () => writer.flush(),
        finish: () => writer.finish(),
        abort: () => writer.abort(),
        ...(writer.transaction === undefined ? {} : { transaction: writer.transaction }),
      };
    },
  };
}

/** Fails from outside of any record, as a lost connection does. */
function unready<T>(
  inner: Sink<T>,
  failures: { left: number },
  error: () => Error = () => new Error('the connection was lost'),
): Sink<T> {
  return {
    ...inner,
    async open(context) {
      const writer = await inner.open(context);
      let asked = 0;
      return {
        ...writer,
        buffered: 0,
        write: (value, timestamp) => writer.write(value, timestamp),
        ready() {
          if (++asked === 15 && failures.left-- > 0) throw error();
          return writer.ready();
        },
        flush: () => writer.flush(),
        finish: () => writer.finish(),
        abort: () => writer.abort(),
        ...(writer.transaction === undefined ? {} : { transaction: writer.transaction }),
      };
    },
  };
}

async function straight(): Promise<unknown[]> {
  const out = memorySink<unknown>();
  await runFlow(clickFlow(clicks, out, memorySink()));
  return [...out.rows];
}

describe('a job that fails', () => {
  it('rolls back and begins again, exactly once; the count of restarts outlives the process', async () => {
    const folder = join(temporaryFolder(), 'state');
    const out = memorySink<unknown>();
    const events: JobEvent[] = [];
    const failures = { left: 3 };
    const flow = () => clickFlow(clicks, unready(out, failures), memorySink(), 400_000);
    const options = {
      checkpoints: directory(folder),
      commitInterval: '5ms',
      restart: fixedDelay({ attempts: 5, delay: 1 }),
      onEvent: (event: JobEvent) => void events.push(event),
    } as const;
    const first = await runFlow(flow(), options);
    expect(first.status).toBe('finished');
    expect(first.metrics().restarts).toBe(3);
    expect(out.rows).toEqual(await straight());
    expect(events.filter(({ type }) => type === 'restarting')).toHaveLength(3);
    expect(events.some(({ type }) => type === 'checkpoint')).toBe(true);
    const again = await runFlow(flow(), options);
    expect(again.metrics().restarts).toBe(3);
  });

  it('gives up when the policy does, and goes on when it is started again', async () => {
    const checkpoints = memoryCheckpoints();
    const out = memorySink<unknown>();
    const failures = { left: 4 };
    const restart = fixedDelay({ attempts: 2, delay: 1 });
    const run = () => runFlow(clickFlow(clicks, unready(out, failures), memorySink()), { checkpoints, restart });
    await expect(run()).rejects.toThrow('the connection was lost');
    expect(failures.left).toBe(1);
    expect((await run()).status).toBe('finished');
    expect(out.rows).toEqual(await straight());
  });

  it('stops when it hears between two attempts that another process has taken it over', async () => {
    const fenced = new MillraceError('CHECKPOINT_FENCED', { message: 'another process has it' });
    const inner = memoryCheckpoints();
    let lose = (): void => undefined;
    const checkpoints: CheckpointStorage = {
      ...inner,
      open(context) {
        lose = () => context.onLost(fenced);
        return inner.open(context);
      },
    };
    const failing = clickFlow(clicks, unready(memorySink(), { left: 1 }), memorySink());
    const onEvent = (event: JobEvent): void => {
      if (event.type === 'restarting') lose();
    };
    // It does not wait for its next attempt either.
    const restart = fixedDelay({ attempts: 1, delay: '1h' });
    await expect(runFlow(failing, { checkpoints, restart, onEvent })).rejects.toBe(fenced);
  });

  it('does not try an error of the program again', async () => {
    const flow = dataflow('wrong');
    const out = memorySink<number>();
    let calls = 0;
    flow
      .from('numbers', memory([1, 2, 3]))
      .map((n) => {
        calls++;
        if (n === 2) throw new Error('bad');
        return n;
      })
      .to('out', out);
    await expect(runFlow(flow, { checkpoints: memoryCheckpoints() })).rejects.toMatchObject({ code: 'USER_FUNCTION' });
    expect(calls).toBe(2);
    expect(out.rows).toEqual([]);
  });

  it('can be stopped while it waits for its next attempt', async () => {
    const failures = { left: 1 };
    const handle = await clickFlow(clicks, unready(memorySink(), failures), memorySink()).run({
      checkpoints: memoryCheckpoints(),
      restart: fixedDelay({ delay: '1h' }),
      logger: silentLogger,
      onEvent: (event) => {
        if (event.type === 'restarting') void handle.stop();
      },
    });
    await handle.done;
    expect(handle.status).toBe('stopped');
  });

  it('fails a sink that throws for a record as the program does', async () => {
    const sink = failing(memorySink<unknown>(), { left: 1 }, () => new TypeError('cannot be written'));
    const run = runFlow(clickFlow(clicks, sink, memorySink()), { checkpoints: memoryCheckpoints() });
    await expect(run).rejects.toMatchObject({ code: 'USER_FUNCTION' });
  });
});

describe('a rollback because of refused output', () => {
  it('begins again at once and counts for no policy', async () => {
    const failures = { left: 3 };
    const out = memorySink<unknown>();
    const refusal = new MillraceError('RECORD_REFUSED', { message: 'refused', retryable: true });
    const delays: number[] = [];
    const handle = await clickFlow(
      clicks,
      unready(out, failures, () => refusal),
      memorySink(),
    ).run({
      checkpoints: memoryCheckpoints(),
      restart: noRestart(),
      logger: silentLogger,
      onEvent: (event) => {
        if (event.type === 'restarting') delays.push(event.delayMs);
      },
    });
    await handle.done;
    expect(handle.status).toBe('finished');
    expect(delays).toEqual([0, 0, 0]);
    expect(handle.metrics().restarts).toBe(3);
    expect(out.rows).toEqual(await straight());
  });
});

describe('restart policies', () => {
  const log = (streak: number, times: readonly number[] = [0]): FailureLog => ({ restarts: streak - 1, streak, times });
  const random = seededRandom(1);

  it('fixedDelay waits as long each time, so many times', () => {
    const policy = fixedDelay({ attempts: 2, delay: '3s' });
    expect([1, 2, 3].map((streak) => policy.delayMs(log(streak), random))).toEqual([3_000, 3_000, undefined]);
  });

  it('exponentialDelay doubles up to its longest delay, with jitter', () => {
    const exact = exponentialDelay({ initial: '1s', max: '5s', jitter: 0 });
    expect([1, 2, 3, 4, 50].map((streak) => exact.delayMs(log(streak), random))).toEqual([1e3, 2e3, 4e3, 5e3, 5e3]);
    const jittered = exponentialDelay({ initial: '1s', max: '1h', jitter: 0.2 });
    const delays = Array.from({ length: 200 }, () => jittered.delayMs(log(1), random) as number);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...delays)).toBeLessThanOrEqual(1_200);
    expect(new Set(delays).size).toBeGreaterThan(100);
  });

  it('failureRate bears so many failures within its time', () => {
    const policy = failureRate({ failures: 2, per: '1m', delay: 5 });
    expect(policy.delayMs(log(3, [0, 59_000, 100_000]), random)).toBe(5);
    expect(policy.delayMs(log(3, [50_000, 59_000, 100_000]), random)).toBe(undefined);
  });

  it('noRestart never does; wrong options are refused', () => {
    expect(noRestart().delayMs(log(1), random)).toBe(undefined);
    expect(() => fixedDelay({ attempts: 0 })).toThrow('attempts of fixedDelay()');
    expect(() => exponentialDelay({ initial: '2s', max: '1s' })).toThrow('max of exponentialDelay()');
    expect(() => exponentialDelay({ jitter: 2 })).toThrow('jitter of exponentialDelay()');
    expect(() => failureRate({ per: 0 })).toThrow('per of failureRate()');
  });
});

describe('guarantees', () => {
  it('exactly-once is refused for a sink that cannot keep it, with the reason', async () => {
    const flow = clickFlow(clicks, consoleSink({ print: () => undefined }), memorySink());
    await expect(runFlow(flow, { checkpoints: memoryCheckpoints() })).rejects.toThrow(
      /Sink 'out' \(console\) cannot write exactly once.*guarantee: 'at-least-once'/,
    );
  });

  it('at-least-once loses nothing, whatever fails', async () => {
    const lines: string[] = [];
    const sink = unready(consoleSink<unknown>({ print: (line) => lines.push(line) }), { left: 3 });
    await runFlow(clickFlow(clicks, sink, memorySink(), 400_000), {
      checkpoints: memoryCheckpoints(),
      guarantee: 'at-least-once',
      commitInterval: '5ms',
      restart: fixedDelay({ attempts: 3, delay: 1 }),
    });
    expect(new Set(lines)).toEqual(new Set((await straight()).map((row) => JSON.stringify(row))));
  });

  it('at-most-once repeats nothing, whatever fails', async () => {
    const lines: string[] = [];
    const sink = unready(consoleSink<unknown>({ print: (line) => lines.push(line) }), { left: 3 });
    await runFlow(clickFlow(clicks, sink, memorySink(), 400_000), {
      checkpoints: memoryCheckpoints(),
      guarantee: 'at-most-once',
      commitInterval: '5ms',
      restart: fixedDelay({ attempts: 3, delay: 1 }),
    });
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.length).toBeGreaterThan(0);
  });
});

describe('a changed program', () => {
  const flowOf = (size: number, name = 'per user') => {
    const flow = dataflow('changing');
    flow
      .from('clicks', memory(clicks), {
        watermarks: boundedOutOfOrderness('1s', (click: Click) => click.at),
        rateLimit: { recordsPerSecond: 100_000 },
      })
      .keyBy((click) => click.user)
      .window(tumbling(size))
      .aggregate({ n: count() })
      .named(name)
      .to('out', memorySink());
    return flow;
  };

  it('is refused where state would not fit, unless that was declared', async () => {
    const checkpoints = memoryCheckpoints();
    const first = await flowOf(10_000).run({
      checkpoints,
      commitInterval: '5ms',
      logger: silentLogger,
      onEvent: ({ type }) => {
        if (type === 'checkpoint') void first.stop();
      },
    });
    await first.done;
    await expect(runFlow(flowOf(20_000), { checkpoints })).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: expect.stringMatching(
        /'per user' was "window .*tumbling\(10s\).*acceptChanges: \['per user'\]/s,
      ) as string,
    });
    await expect(runFlow(flowOf(10_000, 'renamed'), { checkpoints })).rejects.toThrow('no longer in the program');
    const renamed = await runFlow(flowOf(10_000, 'renamed'), { checkpoints, acceptChanges: ['per user'] });
    expect(renamed.status).toBe('finished');
  });
});

describe('the ceiling of state', () => {
  it('warns, then ends the job after a last checkpoint, naming the operator and the cure', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => void warnings.push(message) };
    const many = Array.from({ length: 60_000 }, (_, i): Click => ({ user: `user ${i}`, at: Math.floor(i / 10) }));
    const sink = memorySink<unknown>();
    const checkpoints = memoryCheckpoints();
    const options = { checkpoints, logger, maxStateBytes: 5_000_000, restart: fixedDelay({ delay: 1 }) };
    const run = runFlow(clickFlow(many, sink, memorySink(), 12_000), options);
    await expect(run).rejects.toMatchObject({
      code: 'STATE_TOO_LARGE',
      message: expect.stringMatching(/entries of operator '(windows|sessions)'.*maxStateBytes/s) as string,
    });
    expect(warnings.join()).toMatch(/state takes/);
    // A restore checks first.
    await expect(runFlow(clickFlow(many, sink, memorySink()), options)).rejects.toMatchObject({
      code: 'STATE_TOO_LARGE',
    });
    const room = await runFlow(clickFlow(many, sink, memorySink()), { ...options, maxStateBytes: 1e9 });
    expect(room.metrics().operators.find(({ name }) => name === 'windows')?.state?.entries).toBeTypeOf('number');
    expect(room.metrics().resumedFrom?.recordsIn).toBeGreaterThan(0);
  }, 20_000);
});

describe('one owner', () => {
  it('a second start is refused while the first lives, and a dead owner blocks nobody', async () => {
    const folder = join(temporaryFolder(), 'state');
    const flow = () => clickFlow(clicks, memorySink(), memorySink(), 5_000);
    const first = await flow().run({ checkpoints: directory(folder), logger: silentLogger });
    await expect(flow().run({ checkpoints: directory(folder), logger: silentLogger })).rejects.toMatchObject({
      code: 'CHECKPOINT_OWNED',
    });
    await first.stop();
    expect(existsSync(join(folder, 'owner'))).toBe(false);
    // Cut short by a loss of power, and one of a process that is no more.
    writeFileSync(join(folder, 'owner'), '{"format":1');
    const second = await flow().run({ checkpoints: directory(folder), logger: silentLogger });
    await second.stop();
    expect(readdirSync(folder).filter((name) => name.startsWith('owner'))).toEqual([]);
  });

  it('a store says whether its folder is still its own', async () => {
    const [folder, other] = [join(temporaryFolder(), 'state'), join(temporaryFolder(), 'other')];
    const open = (path: string, token: string) =>
      directory(path).open({
        ...{
          job: 'job',
          token,
          clock: systemClock,
          scheduler: systemScheduler,
          logger: silentLogger,
          machine: undefined,
        },
        onLost: () => undefined,
      });
    const store = await open(folder, 'first');
    const rival = await open(other, 'second');
    await expect(store.requireOwner?.()).resolves.toBeUndefined();
    copyFileSync(join(other, 'owner'), join(folder, 'owner'));
    await expect(store.requireOwner?.()).rejects.toMatchObject({ code: 'CHECKPOINT_FENCED' });
    await Promise.all([store.close(), rival.close()]);
  });

  it('a folder that cannot be written is an error with the cure', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    await expect(
      runFlow(clickFlow(clicks, memorySink(), memorySink()), { checkpoints: directory(join(file, 'x')) }),
    ).rejects.toMatchObject({
      code: 'IO_FAILED',
    });
  });
});

describe('an older checkpoint', () => {
  it('is gone back to when asked for', async () => {
    const folder = join(temporaryFolder(), 'state');
    const ids: number[] = [];
    const handle = await clickFlow(clicks, memorySink(), memorySink(), 100_000).run({
      checkpoints: directory(folder, { retain: 3 }),
      commitInterval: '5ms',
      logger: silentLogger,
      onEvent: (event) => {
        if (event.type !== 'checkpoint') return;
        ids.push(event.id);
        if (ids.length === 5) void handle.stop();
      },
    });
    await handle.done;
    const older = (ids.at(-1) as number) - 1;
    const again = await runFlow(clickFlow(clicks, memorySink(), memorySink()), {
      checkpoints: directory(folder, { retain: 3 }),
      restoreFrom: older,
    });
    expect(again.metrics().resumedFrom?.id).toBe(older);
    expect(again.status).toBe('finished');
  });
});

describe('simulate', () => {
  it('finds nothing wrong with a program, and every kind of fault it was given', async () => {
    const short = clicks.slice(0, 300);
    const flow = () => clickFlow(short, memorySink(), memorySink());
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const report = await simulate(flow(), { seed });
      expect([report.lost, report.duplicated, report.wrong, ...report.problems]).toEqual([0, 0, 0]);
      for (const kind of Object.keys(report.faults)) kinds.add(kind);
    }
    expect(kinds.size).toBeGreaterThanOrEqual(8);
  }, 60_000);

  it('is a function of its seed, and refuses unknown faults', async () => {
    const flow = clickFlow(clicks.slice(0, 200), memorySink(), memorySink());
    expect(await simulate(flow, { seed: 7 })).toEqual(await simulate(flow, { seed: 7 }));
    await expect(simulate(flow, { seed: 1, faults: ['flood' as never] })).rejects.toThrow('faults of simulate()');
  });
});
