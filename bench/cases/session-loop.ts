import { Digest } from '../harness/digest.ts';
import type { Measurement } from '../harness/records.ts';

/** A session as millrace emits it by default. */
export interface SessionRow {
  readonly key: number;
  readonly window: { readonly start: number; readonly end: number };
  readonly value: { readonly count: number; readonly sum: number };
}

interface Session {
  start: number;
  end: number;
  count: number;
  sum: number;
}

export const GAP_MS = 300;
export const BOUND_MS = 1_000;

export function sessionNumber({ key, window, value }: SessionRow): number {
  return (key + 1) * (value.count * 7 + value.sum * 3) + ((window.end - window.start) % 1_009) + (window.start % 997);
}

/**
 * What one would write without a library: the open sessions of each key, a watermark per record, and a look at all keys
 * once per `GAP_MS` of event time. A key has few open sessions: those that the watermark has not passed.
 */
export function sessionLoop(input: readonly Measurement<number>[]): string {
  const digest = new Digest();
  const open = new Map<number, Session[]>();
  let watermark = -Infinity;
  let nextLook = -Infinity;
  const look = (): void => {
    nextLook = watermark + GAP_MS;
    for (const [key, sessions] of open) {
      const alive = sessions.filter(({ start, end, count, sum }) => {
        if (end - 1 > watermark) return true;
        digest.add(sessionNumber({ key, window: { start, end }, value: { count, sum } }));
        return false;
      });
      if (alive.length === 0) open.delete(key);
      else if (alive.length < sessions.length) open.set(key, alive);
    }
  };
  for (const { key, time, value } of input) {
    add(open, key, { start: time, end: time + GAP_MS, count: 1, sum: value });
    if (time - BOUND_MS - 1 > watermark) {
      watermark = time - BOUND_MS - 1;
      if (watermark >= nextLook) look();
    }
  }
  watermark = Infinity;
  look();
  return digest.toString();
}

function add(open: Map<number, Session[]>, key: number, own: Session): void {
  const sessions = open.get(key);
  if (sessions === undefined) {
    open.set(key, [own]);
    return;
  }
  let merged: Session | undefined;
  for (let i = 0; i < sessions.length; i++) {
    const session = sessions[i] as Session;
    if (session.start > own.end || session.end < own.start) continue;
    if (merged === undefined) {
      merged = session;
      merged.start = Math.min(merged.start, own.start);
      merged.end = Math.max(merged.end, own.end);
      merged.count += own.count;
      merged.sum += own.sum;
    } else {
      merged.start = Math.min(merged.start, session.start);
      merged.end = Math.max(merged.end, session.end);
      merged.count += session.count;
      merged.sum += session.sum;
      sessions.splice(i--, 1);
    }
  }
  if (merged === undefined) sessions.push(own);
}
