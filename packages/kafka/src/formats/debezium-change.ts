import { Buffer } from 'node:buffer';
import { MillraceError } from 'millrace';
import { isObject } from './connect-schema.ts';
import { sourceOf, type DebeziumSource } from './debezium-source.ts';

/** What happened to a row. `snapshot`: it was there when the connector began. */
type RowOperation = 'insert' | 'update' | 'delete' | 'snapshot';

interface ChangeBase {
  /** Where in the database's log the change stands. */
  readonly source: DebeziumSource;
  /** Transaction that made the change; `undefined` where the connector does not tell. */
  readonly transactionId: string | undefined;
  /** When the change was made in the database, epoch milliseconds; where that is not known, when the connector saw it. */
  readonly timestamp: number;
}

/** A change of a table as Debezium tells of it. */
export type DebeziumChange<T> =
  | (ChangeBase & { readonly op: 'insert' | 'snapshot'; readonly before: undefined; readonly after: T })
  /** `before` is there if the table gives it (PostgreSQL: `REPLICA IDENTITY FULL`). */
  | (ChangeBase & { readonly op: 'update'; readonly before: T | undefined; readonly after: T })
  | (ChangeBase & { readonly op: 'delete'; readonly before: T | undefined; readonly after: undefined })
  /** All rows of the table are gone. */
  | (ChangeBase & { readonly op: 'truncate'; readonly before: undefined; readonly after: undefined })
  /** What a program wrote into PostgreSQL's log by `pg_logical_emit_message`. `source.table` is empty. */
  | (ChangeBase & {
      readonly op: 'message';
      readonly before: undefined;
      readonly after: undefined;
      readonly prefix: string;
      readonly content: Uint8Array;
    })
  /** A record without value behind a delete, with which a compacted topic forgets the key. */
  | { readonly op: 'tombstone'; readonly before: undefined; readonly after: undefined };

/** The envelope as it is written. */
export interface DebeziumEnvelope<T> {
  readonly op: string;
  readonly before?: T | undefined;
  readonly after?: T | undefined;
  readonly source: unknown;
  readonly ts_ms?: number | undefined;
  readonly transaction?: unknown;
  readonly message?: unknown;
}

const OPERATIONS: Readonly<Record<string, RowOperation | 'truncate' | 'message'>> = {
  c: 'insert',
  u: 'update',
  d: 'delete',
  r: 'snapshot',
  t: 'truncate',
  m: 'message',
};

/** @throws MillraceError `RECORD_MALFORMED` */
export function changeOf<T>(envelope: DebeziumEnvelope<T>): DebeziumChange<T> {
  const op = Object.hasOwn(OPERATIONS, envelope.op) ? OPERATIONS[envelope.op] : undefined;
  if (op === undefined)
    throw noEnvelope(
      'op',
      `op is ${JSON.stringify(envelope.op)}, but must be one of ${Object.keys(OPERATIONS).join(', ')}`,
    );
  const source = sourceOf(envelope.source);
  const timestamp = source.timestamp ?? envelope.ts_ms;
  if (timestamp === undefined) throw noEnvelope('ts_ms', 'neither source.ts_ms nor ts_ms is there');
  const base = {
    source: source.source,
    transactionId: transactionOf(envelope.transaction) ?? source.transactionId,
    timestamp,
  };
  const { before, after } = envelope;
  switch (op) {
    case 'insert':
    case 'snapshot':
      return { op, before: undefined, after: present(after, op), ...base };
    case 'update':
      return { op, before, after: present(after, op), ...base };
    case 'delete':
      return { op, before, after: undefined, ...base };
    case 'truncate':
      return { op, before: undefined, after: undefined, ...base };
    case 'message':
      return { op, before: undefined, after: undefined, ...messageOf(envelope.message), ...base };
    default:
      return op;
  }
}

function present<T>(row: T | undefined, op: string): T {
  if (row !== undefined) return row;
  throw noEnvelope('after', `after is missing, but must be the row of an ${op}`);
}

/** Bytes are base64 in JSON; through a format they come as bytes. */
function messageOf(message: unknown): { readonly prefix: string; readonly content: Uint8Array } {
  if (!isObject(message)) throw noEnvelope('message', 'message is no object, but must be there for op m');
  const { prefix, content } = message;
  if (typeof prefix !== 'string') throw noEnvelope('message.prefix', 'message.prefix is no text');
  if (content instanceof Uint8Array) return { prefix, content };
  if (typeof content !== 'string') throw noEnvelope('message.content', 'message.content is no text');
  return { prefix, content: Uint8Array.from(Buffer.from(content, 'base64')) };
}

function transactionOf(transaction: unknown): string | undefined {
  if (typeof transaction !== 'object' || transaction === null || !('id' in transaction)) return undefined;
  return typeof transaction.id === 'string' ? transaction.id : undefined;
}

export function noEnvelope(path: string, message: string): MillraceError {
  return new MillraceError('RECORD_MALFORMED', { message: `no Debezium envelope: ${message}`, fields: { path } });
}
