import type { Scheduler } from 'millrace';

/** Timers of the broker itself: a process that has nothing else to do may end. */
export const realTimers: Scheduler = {
  defer: (task) => setImmediate(task),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
