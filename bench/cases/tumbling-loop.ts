import { Digest } from '../harness/digest.ts';
import type { Measurement } from '../harness/records.ts';

/** A result of a window as millrace emits it by default. */
export interface WindowRow<K> {
  readonly key: K;
  readonly window: { readonly start: number; readonly end: number };
  readonly value: { readonly count: number; readonly sum: number };
}

interface Accumulator {
  count: number;
  sum: number;
}

export const WINDOW_MS = 1_000;
export const BOUND_MS = 5_000;

/** Different for different rows, so that equal sums of it mean equal results. Exact: stays far below 2^53. */
export function rowNumber<K extends string | number>({ key, window, value }: WindowRow<K>): number {
  const keyNumber = typeof key === 'number' ? key : key.length * 31 + key.charCodeAt(key.length - 1);
  return (keyNumber + 1) * (value.count * 7 + value.sum * 3) + ((window.start / WINDOW_MS) % 1_009);
}

/** What one would write without a library: a Map per window, a watermark per record, windows fired in order. */
export function tumblingLoop<K extends string | number>(input: readonly Measurement<K>[]): string {
  const digest = new Digest();
  const windows = new Map<number, Map<K, Accumulator>>();
  let watermark = -Infinity;
  let nextFire = Infinity;
  const fire = (): void => {
    nextFire = Infinity;
    for (const start of [...windows.keys()].sort((a, b) => a - b)) {
      const end = start + WINDOW_MS;
      if (end - 1 > watermark) {
        nextFire = Math.min(nextFire, end - 1);
        continue;
      }
      for (const [key, { count, sum }] of windows.get(start) ?? []) {
        digest.add(rowNumber({ key, window: { start, end }, value: { count, sum } }));
      }
      windows.delete(start);
    }
  };
  for (const { key, time, value } of input) {
    const start = time - (time % WINDOW_MS);
    if (start + WINDOW_MS - 1 <= watermark) continue;
    let keys = windows.get(start);
    if (keys === undefined) {
      windows.set(start, (keys = new Map()));
      nextFire = Math.min(nextFire, start + WINDOW_MS - 1);
    }
    const accumulator = keys.get(key);
    if (accumulator === undefined) keys.set(key, { count: 1, sum: value });
    else {
      accumulator.count++;
      accumulator.sum += value;
    }
    if (time - BOUND_MS - 1 > watermark) {
      watermark = time - BOUND_MS - 1;
      if (watermark >= nextFire) fire();
    }
  }
  watermark = Infinity;
  fire();
  return digest.toString();
}
