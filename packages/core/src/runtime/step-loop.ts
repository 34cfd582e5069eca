import type { TaskMeters } from '../metrics/index.ts';
import type { Clock, Scheduler } from '../model/index.ts';
import type { Door } from './door.ts';
import type { Task } from './task.ts';

/**
 * Longest stretch of work between two turns of the event loop. Timers and I/O are then served within about 1 ms; a
 * setImmediate costs about 1 us, so this costs 0.1 %. Microtasks would never let I/O run.
 */
const YIELD_AFTER_MS = 1;

/**
 * Steps a task until it ends, giving way to I/O after every millisecond of work. Nothing in it awaits per record.
 *
 * @returns `finished` or `stopped`; rejects with whatever a step throws
 */
export function runStepLoop(
  task: Task,
  door: Door,
  clock: Clock,
  scheduler: Scheduler,
  meters: TaskMeters,
): Promise<'finished' | 'stopped'> {
  return new Promise((resolve, reject) => {
    /** When others got their turn in the middle of the work; NaN: they did not. */
    let yieldedAt = NaN;
    const run = (): void => {
      try {
        const started = clock.monotonic();
        meters.working(started);
        if (yieldedAt === yieldedAt) task.yieldTook(started - yieldedAt);
        yieldedAt = NaN;
        for (let before = started; ;) {
          door.rearm();
          if (door.halted) return resolve('stopped');
          const result = task.step();
          if (result === 'finished' || result === 'stopped') return resolve(result);
          if (result === 'waiting') return waitForWake(task.retryInMs);
          const now = clock.monotonic();
          if (result === 'blocked') {
            meters.blocked(now);
            return waitForWake(Infinity);
          }
          task.stepTook(now - before);
          // Another step like this one would take it too far.
          if (now - started + (now - before) >= YIELD_AFTER_MS) {
            yieldedAt = now;
            return scheduler.defer(run);
          }
          before = now;
        }
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const waitForWake = (retryInMs: number): void => {
      const timer = retryInMs < Infinity ? scheduler.after(retryInMs, door.wake) : undefined;
      door.wait(() => {
        timer?.cancel();
        scheduler.defer(run);
      });
    };
    run();
  });
}
