import type { Clock, Scheduler } from 'millrace';

/** Time as it passes. */
export const realClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Timers that keep the process going: somebody waits for what they bring. */
export const realScheduler: Scheduler = {
  defer: (task) => setImmediate(task),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Timers of the broker itself: a process that has nothing else to do may end. */
export const realTimers: Scheduler = {
  defer: (task) => setImmediate(task),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
