import { inject } from 'vitest';
import { withServer } from '../../../../../scripts/with-server.mjs';

export const postgresUrl = inject('postgres').url;
export const redisUrl = inject('redis').url;

/** Tests that need a server; skipped, with the reason in their name, where there is none. */
export const withPostgres = withServer(inject('postgres').missing);
export const withRedis = withServer(inject('redis').missing);

let names = 0;

/** A name that no other test has. */
export function uniqueName(what: string): string {
  return `${what}_${Date.now().toString(36)}${process.pid}_${++names}`;
}

/** Something that a test lets happen. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}
