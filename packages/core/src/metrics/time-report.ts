import type { TimeReport } from '../model/index.ts';

/** Time that is measured; the rest is idle. */
export interface Times {
  readonly busyMs: number;
  readonly backPressuredMs: number;
}

/** @param recent the same within the last `recentMs` milliseconds */
export function timeReport(total: Times, elapsedMs: number, recent: Times, recentMs: number): TimeReport {
  const share = (ms: number): number => (recentMs > 0 ? Math.min(1_000, (ms * 1_000) / recentMs) : 0);
  const [busy, blocked] = [share(recent.busyMs), share(recent.backPressuredMs)];
  return {
    busyMs: total.busyMs,
    backPressuredMs: total.backPressuredMs,
    idleMs: Math.max(0, elapsedMs - total.busyMs - total.backPressuredMs),
    busyMsPerSecond: busy,
    backPressuredMsPerSecond: blocked,
    idleMsPerSecond: recentMs > 0 ? Math.max(0, 1_000 - busy - blocked) : 0,
  };
}
