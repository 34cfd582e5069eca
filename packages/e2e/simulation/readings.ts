import { boundedOutOfOrderness, type Random } from 'millrace';

/** A reading of a sensor. */
export interface Reading {
  readonly id: number;
  readonly key: string;
  readonly at: number;
  readonly value: number;
}

/** Out of order, some of it late, two to eight keys. */
export function readings(random: Random, records: number): Reading[] {
  const below = (n: number): number => Math.floor(random.next() * n);
  const keys = 2 + below(7);
  return Array.from({ length: records }, (_, id) => ({
    id,
    key: `k${below(keys)}`,
    at: Math.max(0, id * 40 - (below(12) === 0 ? 2_000 + below(6_000) : below(900))),
    value: below(100),
  }));
}

export const watermarks = boundedOutOfOrderness<Reading>('1s', (reading) => reading.at);
