import { describe, inject } from 'vitest';

const given = inject('registry');
export const { url } = given;

/** Tests on a real registry; skipped, with the reason in their name, where there is none. */
export const withRegistry =
  given.missing === ''
    ? describe
    : (name: string, tests: () => void) => describe.skip(`${name} (${given.missing})`, tests);

let names = 0;

/** A topic that no other test has. */
export const uniqueTopic = (what: string): string => `${what}-${process.pid}-${++names}`;
