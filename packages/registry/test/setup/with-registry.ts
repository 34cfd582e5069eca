import { inject } from 'vitest';
import { withServer } from '../../../../scripts/with-server.mjs';

const given = inject('registry');
export const { url } = given;

/** Tests on a real registry; skipped, with the reason in their name, where there is none. */
export const withRegistry = withServer(given.missing);

let names = 0;

/** A topic that no other test has. */
export const uniqueTopic = (what: string): string => `${what}-${process.pid}-${++names}`;
