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
  const broker = { end: 0, answers: true, looks: 0 };
  const admin = {
    offsets: () => (broker.answers ? Promise.resolve([broker.end]) : Promise.reject(new Error('no answer'))),
  };
  // All that is asked of a session is its admin client.
  const session = { admin: () => Promise.resolve(admin) } as unknown as KafkaSession;
  const queue = new PartitionQueue('t', 0, start, Infinity, Infinity);
  const onLook = (): Promise<void> => Promise.resolve(void broker.looks++);
  const watch = new EndsWatch(session, { clock, scheduler: clock }, () => [queue], onLook);
  return { clock, broker, queue, watch };
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

it('asks no more after its end', async () => {
  const { clock, broker, watch } = watching();
  await clock.move(3_500);
  const { looks } = broker;
  expect(looks).toBeGreaterThan(1);
  watch.close();
  await clock.move(3_500);
  expect(broker.looks).toBe(looks);
});
