import type { Counts } from './counts.ts';
import { progressLine } from './progress-line.ts';

/** How often a terminal's line is redrawn, and how often a line is added to a log (ms). */
const REDRAW_MS = 250;
const LOG_MS = 5_000;

/** How far back the speed is measured at most (ms): long enough to be calm, short enough to show a change. */
const SPEED_MS = 2_000;

const CLEAR = '\r\u001b[2K';

/** The part of a stream that is needed here; stderr in the job. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Says on a terminal what the job is doing, in one line that is redrawn; elsewhere in plain lines now and then. */
export class Progress {
  /** How often something new should be shown (ms). */
  readonly intervalMs: number;
  private readonly output: ProgressOutput;
  private timer: NodeJS.Timeout | undefined;
  private drawn = false;

  constructor(output: ProgressOutput) {
    this.output = output;
    this.intervalMs = output.isTTY === true ? REDRAW_MS : LOG_MS;
  }

  start(counts: () => Counts, windowMs: number): void {
    const samples: { readonly atMs: number; readonly read: number }[] = [{ atMs: performance.now(), read: 0 }];
    this.timer = setInterval(() => {
      const now = counts();
      const last = { atMs: performance.now(), read: now.read };
      samples.push(last);
      while (samples.length > 2 && last.atMs - (samples[1]?.atMs ?? 0) >= SPEED_MS) samples.shift();
      const first = samples[0] ?? last;
      this.show(progressLine(now, ((last.read - first.read) * 1_000) / (last.atMs - first.atMs || 1), windowMs));
    }, this.intervalMs);
    this.timer.unref();
  }

  /** The line as it is now: redrawn on a terminal, added elsewhere. */
  show(text: string): void {
    if (this.output.isTTY !== true) {
      this.output.write(`${text}\n`);
      return;
    }
    const columns = this.output.columns ?? 80;
    this.output.write(`${CLEAR}${text.length < columns ? text : `${text.slice(0, columns - 2)}…`}`);
    this.drawn = true;
  }

  /** A line that stays. */
  say(text: string): void {
    this.clear();
    this.output.write(`${text}\n`);
  }

  /** Ends the redrawing. */
  stop(): void {
    clearInterval(this.timer);
    this.clear();
  }

  private clear(): void {
    if (this.drawn) this.output.write(CLEAR);
    this.drawn = false;
  }
}
