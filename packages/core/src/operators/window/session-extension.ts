import type { SessionWindows, WindowAssigner } from '../../model/index.ts';
import type { KeyWindows } from './key-windows.ts';
import type { WindowState } from './window-state.ts';

/** What the short way made of a record: the window it enters, or `'long'` if it must take the long way. */
export type ShortWay = WindowState | 'long';

/**
 * The short way for sessions of event time with one gap and the default trigger: a record that touches one session of its
 * key, which has not fired, just moves its end and its timers on; one that touches none opens a session. It comes to the
 * same as merging the record's own window with what it touches (R11 to R13, R17), without making any.
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

  /** The session that a record extends; a new one that has no timers yet; or the long way. */
  find(entry: KeyWindows, timestampMs: number, watermark: number): ShortWay {
    const { list } = entry;
    const end = timestampMs + this.gapMs;
    let found: WindowState | undefined;
    // From the latest on: sessions stand in the order of time and do not touch, so what is passed once stays passed.
    for (let i = list.length - 1; i >= 0; i--) {
      const window = list[i] as WindowState;
      if (timestampMs > window.end) break;
      if (end < window.start) continue;
      // It joins two sessions.
      if (found !== undefined) return 'long';
      found = window;
      if (timestampMs >= window.start) break;
    }
    if (!Number.isSafeInteger(end + this.allowedLatenessMs)) return 'long';
    if (found === undefined) return end - 1 <= watermark ? 'long' : entry.open(timestampMs, end);
    // Timers are moved, so both must stand: neither has fired, and the clean-up is one that will come.
    return found.end - 1 <= watermark || found.cleanupAt === Infinity ? 'long' : found;
  }

  /** Gives a new session its timers. */
  begin(window: WindowState): void {
    window.add(window.end - 1);
    window.cleanupAt = window.end - 1 + this.allowedLatenessMs;
    if (this.allowedLatenessMs > 0) window.add(window.cleanupAt);
  }

  extend(window: WindowState, timestampMs: number): void {
    if (timestampMs < window.start) window.start = timestampMs;
    const end = timestampMs + this.gapMs;
    if (end <= window.end) return;
    const last = window.end - 1;
    window.end = end;
    // The clean-up first: the new end may fall on its old time, which is then free.
    if (this.allowedLatenessMs > 0) window.postpone(window.cleanupAt, end - 1 + this.allowedLatenessMs);
    window.postpone(last, end - 1);
    window.cleanupAt = end - 1 + this.allowedLatenessMs;
  }
}
