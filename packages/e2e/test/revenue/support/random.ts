/** A seeded stream of random choices (mulberry32). */
export interface RandomChoices {
  /** A whole number in [0, limit). */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

export function randomOf(seed: number): RandomChoices {
  let state = Math.imul(seed, 0x9e3779b1) | 0;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  };
  return {
    below,
    // The index is in range, and the lists of these tests are not empty.
    pick: <T>(list: readonly T[]) => list[below(list.length)] as T,
  };
}
