/** Record of the tumbling cases. Both shapes have the same fields, as two jobs of one program would have. */
export interface Measurement<K> {
  readonly key: K;
  readonly time: number;
  readonly value: number;
}

export const KEYS = 10_000;
/** Records per second of event time. */
export const RECORDS_PER_SECOND = 50_000;

/** Pseudo-random whole numbers below `limit`, the same in every run. */
export function randomInts(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * limit);
  };
}

/** Records in ascending order of time, keys at random. */
export function measurements<K>(records: number, keyOf: (n: number) => K): Measurement<K>[] {
  const random = randomInts(7);
  const keys = Array.from({ length: KEYS }, (_, n) => keyOf(n));
  return Array.from({ length: records }, (_, i) => ({
    key: keys[random(KEYS)] as K,
    time: 1_700_000_000_000 + Math.floor((i * 1_000) / RECORDS_PER_SECOND),
    value: random(100),
  }));
}
