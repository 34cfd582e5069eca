import { MillraceError, type RecordHeader } from 'millrace';
import { utf8Of } from '../bytes/utf8.ts';

/*
 * What functions of the program return for a record. Types are gone when it runs, and the client throws for whatever is no bytes
 * as if it had failed itself: the job would be started again for ever, and `onError` never asked.
 */

/** @throws MillraceError `RECORD_MALFORMED` */
export function keyBytes(key: unknown): Uint8Array | null {
  if (key === null) return null;
  return bytesFrom(key) ?? wrong('key()', key, 'text, bytes or null, such as String(key)');
}

/** `null`: a tombstone. @throws MillraceError `RECORD_MALFORMED` */
export function valueBytes(value: unknown, format: string): Uint8Array | null {
  if (value === null || value instanceof Uint8Array) return value;
  return wrong(`encode() of format '${format}'`, value, 'bytes (Uint8Array), or null for a tombstone');
}

/** @throws MillraceError `RECORD_MALFORMED` */
export function headerBytes(headers: unknown): readonly RecordHeader[] {
  if (typeof headers !== 'object' || headers === null)
    return wrong('headers()', headers, "an object of text and bytes: { name: 'value' }");
  return Object.entries(headers).map(([name, value]: [string, unknown]) => {
    const bytes = bytesFrom(value);
    return [
      name,
      bytes ?? wrong('headers()', value, 'text or bytes, such as String(value)', ` for '${name}'`),
    ] as const;
  });
}

function bytesFrom(value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return utf8Of(value);
  return value instanceof Uint8Array ? value : undefined;
}

function wrong(what: string, value: unknown, expected: string, which: string = ''): never {
  throw new MillraceError('RECORD_MALFORMED', {
    message: `${what} returned ${shown(value)}${which}; it must return ${expected}`,
  });
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === 'object')
    return value instanceof Promise ? 'a promise' : `an object (${value.constructor?.name ?? 'without class'})`;
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return `the ${typeof value} ${JSON.stringify(typeof value === 'bigint' ? `${value}n` : value)}`;
}
