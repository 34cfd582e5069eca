import type { SessionWindows, WindowAssigner } from '../../model/index.ts';
import type { KeyWindows } from './key-windows.ts';
import type { WindowState } from './window-state.ts';

/**
 * The short way for sessions of event time with one gap and the default trigger: a record that touches one session of its
 * key, which has not fired, just moves its end and its timers on. It comes to the same as merging the record's own
 * window into it (R11 to R13, R17), without making any.
 */
export class SessionExtension {
  private readonly gapMs: number;
  private readonly allowedLatenessMs: number;

  private constructor(gapMs: number, allowedLatenessMs: number) {
    this.gapMs = gapMs;
    this.allowedLatenessMs = allowedLatenessMs;
  }

  /** @returns `undefined` for windows it cannot serve */
  static of(windows: WindowAssigner<unknown>, allowedLatenessMs: number): SessionExtension | undefined {
    if (windows.kind !== 'session' || windows.time !== 'event') return undefined;
    const { gapMs } = windows as SessionWindows<unknown>;
    return gapMs === undefined ? undefined : new SessionExtension(gapMs, allowedLatenessMs);
  }

  /** The session that a record extends, or `undefined` if it takes the long way. */
  find(entry: KeyWindows, timestampMs: number, watermark: number): WindowState | undefined {
    const { list } = entry;
    const end = timestampMs + this.gapMs;
    let found: WindowState | undefined;
    for (let i = 0; i < list.length; i++) {
      const window = list[i] as WindowState;
      if (timestampMs > window.end || end < window.start) continue;
      // It joins two sessions.
      if (found !== undefined) return undefined;
      found = window;
    }
    // Timers are moved, so both must stand: neither has fired, and the clean-up is one that will come.
    if (found === undefined || found.end - 1 <= watermark || found.cleanupAt === Infinity) return undefined;
    return Number.isSafeInteger(end + this.allowedLatenessMs) ? found : undefined;
  }

  extend(window: WindowState, timestampMs: number): void {
    if (timestampMs < window.start) window.start = timestampMs;
    const end = timestampMs + this.gapMs;
    if (end <= window.end) return;
    const last = window.end - 1;
    window.end = end;
    // The clean-up first: the new end may fall on its old time, which is then free.
    if (this.allowedLatenessMs > 0) window.event.postpone(window.cleanupAt, end - 1 + this.allowedLatenessMs);
    window.event.postpone(last, end - 1);
    window.cleanupAt = end - 1 + this.allowedLatenessMs;
  }
}
