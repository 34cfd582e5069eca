import { fileURLToPath } from 'node:url';
import type { Dataflow, Sink } from '../../src/index.ts';
import { clickFlow, type Click } from './support.ts';

/** The folder with the checkpoint. */
export const GOLDEN = fileURLToPath(new URL('golden/format-1', import.meta.url));

export const CLICKS: readonly Click[] = Array.from({ length: 400 }, (_, i) => ({
  user: `u${(i * i) % 11}`,
  at: i * 130 - (i % 9 === 0 ? 3_000 : 0),
}));

export function goldenFlow(windows: Sink<unknown>, sessions: Sink<unknown>, rate?: number): Dataflow {
  return clickFlow(CLICKS, windows, sessions, rate);
}
