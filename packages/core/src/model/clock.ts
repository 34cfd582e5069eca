/**
 * Time as the engine sees it. Injected everywhere, so that a run can be a function of its seed (tests, simulation).
 * Nothing outside `platform/` reads a clock of its own.
 */
export interface Clock {
  /** Wall clock, epoch milliseconds. May jump. Used for processing time and for what people read. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions; never goes back. Used to measure lengths of time. */
  monotonic(): number;
}

/** A pending call that can be taken back. */
export interface Cancellable {
  cancel(): void;
}

/** How the engine gives way to I/O and asks to be called later. */
export interface Scheduler {
  /** Runs `task` after pending I/O has had its turn (a macrotask: `setImmediate` or the like, never a microtask). */
  defer(task: () => void): void;
  /** Runs `task` once, `delayMs` milliseconds from now or later. */
  after(delayMs: number, task: () => void): Cancellable;
}

/** A stream of random numbers in [0, 1), reproducible from a seed. */
export interface Random {
  next(): number;
}
