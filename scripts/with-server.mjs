import { describe } from 'vitest';

/**
 * `describe` for tests that need a server; skipped, with the reason in their name, where there is none.
 *
 * @param {string} missing why there is none; `''`: there is
 * @returns {(name: string, tests: () => void) => void}
 */
export function withServer(missing) {
  return missing === '' ? describe : (name, tests) => describe.skip(`${name} (${missing})`, tests);
}
