import type { JobHandle } from 'millrace';

/** What shells report for a program that a signal ended: 128 and the number of the signal. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type StopSignal = keyof typeof EXIT_CODES;

/** Turns Ctrl-C and SIGTERM into a stop in good order; the second one ends the process at once. */
export class StopSignals {
  /** Exit code of a job that was asked to stop. */
  exitCode: number | undefined;
  private handle: JobHandle | undefined;
  private readonly onStop: () => void;

  constructor(onStop: () => void) {
    this.onStop = onStop;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.listener);
  }

  /** The job to stop; at once, if the signal came while it started. */
  attach(handle: JobHandle): void {
    this.handle = handle;
    if (this.exitCode !== undefined) this.stop(handle);
  }

  dispose(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, this.listener);
  }

  private readonly listener = (signal: StopSignal): void => {
    if (this.exitCode !== undefined) process.exit(this.exitCode);
    this.exitCode = EXIT_CODES[signal];
    this.onStop();
    if (this.handle !== undefined) this.stop(this.handle);
  };

  private stop(handle: JobHandle): void {
    // `done` rejects with the same error, and that is where it is reported.
    handle.stop().catch(() => {});
  }
}
