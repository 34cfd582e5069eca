import type { Cancellable } from 'millrace';
import { expect, it } from 'vitest';
import type { KafkaSession } from '../../src/session/session.ts';
import { EndsWatch } from '../../src/source/ends-watch.ts';
import { PartitionQueue } from '../../src/source/partition-queue.ts';
import { fetched } from '../setup/fake-records.ts';

/** A clock that is moved by hand, and timers that go off when it is. */
class HandClock {
  nowMs = 0;
  private timers: { readonly atMs: number; readonly action: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  after(ms: number, action: () => void): Cancellable {
    const timer = { atMs: this.nowMs + ms, action };
    this.timers.push(timer);
    return { cancel: () => void (this.timers = this.timers.filter((one) => one !== timer)) };
  }

  defer(action: () => void): void {
    setImmediate(action);
  }

  async move(ms: number): Promise<void> {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs = Math.min(endMs, this.nowMs + 100);
      for (const timer of this.timers.filter(({ atMs }) => atMs <= this.nowMs)) {
        this.timers = this.timers.filter((one) => one !== timer);
        timer.action();
      }
      // Answers of the broker, and what follows from them.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function watching(start: number = 0) {
  const clock = new HandClock();
  const broker = { end: 0, answers: true, hangs: false, looks: 0, finds: true };
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const admin = {
    offsets: () => {
      if (broker.hangs) return new Promise<never>(() => undefined);
      return broker.answers ? Promise.resolve([broker.end]) : Promise.reject(new Error('no route to it.'));
    },
  };
  // All that is asked of a session is its admin client.
  const session = { admin: () => Promise.resolve(admin) } as unknown as KafkaSession;
  const queue = new PartitionQueue('t', 0, start, Infinity, Infinity);
  const onLook = (): Promise<void> =>
    broker.finds ? Promise.resolve(void broker.looks++) : Promise.reject(new Error('no topics.'));
  const watch = new EndsWatch(session, { name: 'orders', clock, scheduler: clock, logger }, () => [queue], onLook);
  return { clock, broker, queue, watch, lines };
}

function push(queue: PartitionQueue, from: number, count: number): void {
  queue.push({ records: fetched([[0, from, count]]).records, from: 0, to: count, bytes: 0 });
}

it('knows nothing until the broker has answered', async () => {
  const { clock, broker, queue, watch } = watching();
  queue.reachedEnd(0);
  expect([watch.lag(queue), watch.caughtUp(queue)]).toEqual([undefined, false]);
  broker.end = 0;
  await clock.move(1_100);
  expect([watch.lag(queue), watch.caughtUp(queue)]).toEqual([0, true]);
});

it('counts what is behind the position; control records at the end are none', async () => {
  const { clock, broker, queue, watch } = watching();
  broker.end = 12;
  await clock.move(1_100);
  expect(watch.lag(queue)).toBe(12);
  push(queue, 0, 10);
  queue.reachedEnd(12);
  expect([watch.lag(queue), watch.caughtUp(queue)]).toEqual([12, false]);
  queue.take(10, 10);
  expect([watch.lag(queue), watch.caughtUp(queue)]).toEqual([0, true]);
});

it('a partition is not at its end while records lie behind it that cannot be had yet', async () => {
  const { clock, broker, queue, watch } = watching();
  broker.end = 15;
  // The end of what is committed: a transaction is open.
  queue.reachedEnd(0);
  await clock.move(1_100);
  expect([watch.lag(queue), watch.caughtUp(queue)]).toEqual([15, false]);
  push(queue, 0, 15);
  queue.take(15, 15);
  expect(watch.caughtUp(queue)).toBe(false);
  queue.reachedEnd(16);
  broker.end = 16;
  await clock.move(1_100);
  expect([watch.lag(queue), watch.caughtUp(queue)]).toEqual([0, true]);
});

it('an answer proves nothing for long, and a broker that does not answer makes nothing idle', async () => {
  const { clock, broker, queue, watch } = watching();
  queue.reachedEnd(0);
  await clock.move(1_100);
  expect(watch.caughtUp(queue)).toBe(true);
  broker.answers = false;
  await clock.move(2_600);
  expect(watch.caughtUp(queue)).toBe(false);
  broker.answers = true;
  await clock.move(1_100);
  expect(watch.caughtUp(queue)).toBe(true);
});

it('an old answer is no lag', async () => {
  const { clock, broker, queue, watch } = watching();
  broker.end = 12;
  await clock.move(1_100);
  expect(watch.lag(queue)).toBe(12);
  broker.answers = false;
  await clock.move(2_600);
  expect(watch.lag(queue)).toBe(undefined);
  broker.answers = true;
  await clock.move(1_100);
  expect(watch.lag(queue)).toBe(12);
});

const SILENT =
  /^warn: source 'orders': for 10 s the brokers have not answered all questions for its partitions: .* every second\. /;

it.each<[string, string, (broker: { answers: boolean; finds: boolean; hangs: boolean }, well: boolean) => void]>([
  ['questions for ends fail', 'no route to it.', (broker, well) => (broker.answers = well)],
  ['looking for new partitions fails', 'no topics.', (broker, well) => (broker.finds = well)],
])('says once that %s, and once that it is over', async (_what, why, make) => {
  const { clock, broker, lines } = watching();
  await clock.move(5_000);
  make(broker, false);
  await clock.move(9_000);
  expect(lines).toEqual([]);
  await clock.move(20_000);
  expect(lines).toEqual([expect.stringMatching(SILENT)]);
  expect(lines[0]).toContain(why);
  make(broker, true);
  await clock.move(5_000);
  expect(lines.slice(1)).toEqual([
    expect.stringMatching(/^info: source 'orders': the brokers answer again, after (29|30) s$/),
  ]);
});

it('says that there is no answer at all; not after its end', async () => {
  const { clock, broker, lines } = watching();
  broker.hangs = true;
  await clock.move(11_000);
  expect(lines).toEqual([expect.stringMatching(/every second\. There is no answer$/)]);
  const second = watching();
  second.broker.hangs = true;
  second.watch.close();
  await second.clock.move(11_000);
  expect(second.lines).toEqual([]);
});

it('asks no more after its end', async () => {
  const { clock, broker, watch } = watching();
  await clock.move(3_500);
  const { looks } = broker;
  expect(looks).toBeGreaterThan(1);
  watch.close();
  await clock.move(3_500);
  expect(broker.looks).toBe(looks);
});
