import { textOf, utf8Of } from '../bytes/utf8.ts';
import { MillraceError, optionError, type Schema } from 'millrace';

/** How bytes of a record become a value, and a value bytes. */
export interface Format<T> {
  /** What it is, for people. */
  readonly name: string;
  /**
   * A record without value (a tombstone) comes as no bytes; `project` of `kafka.topic` can tell: its `record.value` is `null`.
   *
   * @throws MillraceError `RECORD_MALFORMED`
   */
  decode(bytes: Uint8Array): T;
  /**
   * `null` writes a tombstone: a record without value, with which a compacted topic forgets the key.
   *
   * @throws MillraceError `RECORD_MALFORMED` for a value that cannot be written
   */
  encode(value: T): Uint8Array | null;
  /**
   * Called by a source with the values of each answer of the client (`null`: tombstones), in the order in which they came, before it
   * hands over any of them: a format that must look something up, such as a schema by its id, does so here, for `decode` cannot wait.
   * `undefined`: there is nothing to wait for. One call is under way at a time; nothing more is fetched meanwhile.
   *
   * @param signal aborted when the source is closed: nobody waits any more
   * @throws MillraceError what ends this life of the job, such as `IO_FAILED` (retryable). What is wrong with single records is thrown by `decode`
   */
  prepare?(values: readonly (Uint8Array | null)[], signal: AbortSignal): Promise<void> | undefined;
  /**
   * Called by a sink when it opens, before its first record: a format that must agree with somebody else about what is written, such as
   * a schema registry, does so here. The sink uses the `encode` that it gets.
   *
   * @throws MillraceError if nothing may be written to the topic
   */
  writer?(topic: string): Promise<Format<T>['encode']>;
}

function checkedText(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text !== undefined) return text;
  throw new MillraceError('RECORD_MALFORMED', { message: 'the value is not valid UTF-8' });
}

/**
 * JSON text in UTF-8.
 *
 * @param schema what the values must look like; without it they are `unknown`
 * @example
 * const Order = struct({ order_id: string(), amount: decimal(10, 2) });
 * kafka.topic('orders', { format: kafka.json(Order) });
 */
export function json<T = unknown>(schema?: Schema<T>): Format<T> {
  if (schema === undefined)
    return Object.freeze({ name: 'json', decode: parseJson as (b: Uint8Array) => T, encode: writeJson });
  if (typeof schema?.parse !== 'function')
    throw optionError('schema of kafka.json()', schema, 'a schema such as struct({...})');
  return Object.freeze({
    name: `json of ${schema.describe}`,
    decode: (bytes: Uint8Array) => schema.parse(checkedText(bytes)),
    encode: (value: T) => utf8Of(schema.encode(value)),
  });
}

function parseJson(bytes: Uint8Array): unknown {
  const text = checkedText(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new MillraceError('RECORD_MALFORMED', {
      message: `the value is not JSON: ${(cause as Error).message}`,
      cause,
    });
  }
}

function writeJson(value: unknown): Uint8Array {
  const text = JSON.stringify(value) as string | undefined;
  if (text !== undefined) return utf8Of(text);
  throw new MillraceError('RECORD_MALFORMED', { message: `${typeof value} cannot be written as JSON` });
}

/**
 * Text in UTF-8.
 *
 * @example
 * kafka.topic('lines', { format: kafka.string() });
 */
export function string(): Format<string> {
  return Object.freeze({
    name: 'string',
    decode: checkedText,
    encode(value: string): Uint8Array {
      if (typeof value === 'string') return utf8Of(value);
      throw new MillraceError('RECORD_MALFORMED', { message: `a string was expected, not ${typeof value}` });
    },
  });
}

/**
 * Bytes as they are.
 *
 * @example
 * kafka.sink('copies', { format: kafka.bytes() });
 */
export function bytes(): Format<Uint8Array> {
  return Object.freeze({
    name: 'bytes',
    decode: (value: Uint8Array) => value,
    encode(value: Uint8Array): Uint8Array {
      if (value instanceof Uint8Array) return value;
      throw new MillraceError('RECORD_MALFORMED', { message: `bytes were expected, not ${typeof value}` });
    },
  });
}
