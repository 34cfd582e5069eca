/**
 * A reproducible stream of random numbers in [0, 1): SplitMix32 (Guy Steele et al., "Fast Splittable Pseudorandom Number
 * Generators", 2014, in its 32-bit form). Good for test data and jitter, not for secrets.
 *
 * @param seed any integer
 * @param stream several independent streams of one seed
 */
export function seededRandom(seed: number, stream: number = 0): { next(): number } {
  let state =
    (Math.imul(seed | 0, 0x9e3779b9) ^ Math.imul((stream | 0) + 1, 0x85ebca6b) ^ Math.floor(seed / 2 ** 32)) | 0;
  return {
    next(): number {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      z ^= z >>> 15;
      return (z >>> 0) / 2 ** 32;
    },
  };
}
