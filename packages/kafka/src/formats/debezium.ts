import { int, json as anyJson, MillraceError, optional, optionError, string, struct, type Schema } from 'millrace';
import { textOf } from '../bytes/utf8.ts';
import type { DecimalText } from './connect-decimal.ts';
import { fieldOf, isObject, schemaIn, type ConnectSchema } from './connect-schema.ts';
import { connectValue } from './connect-value.ts';
import type { Format } from './format.ts';
import { changeOf, noEnvelope, type DebeziumChange, type DebeziumEnvelope } from './debezium-change.ts';

/** A function from the schema of the envelope to the format that it is decoded by. */
type Through<T> = (envelope: Schema<DebeziumEnvelope<T>>) => Format<DebeziumEnvelope<T>>;

/** How envelopes are written, where that is not JSON of Connect's usual settings. */
export interface DebeziumOptions<T> {
  /** How the envelope is decoded. Default: JSON. */
  readonly through?: Through<T>;
  /**
   * Of JSON without its schema part: how text in a `decimal` is meant. `'text'`: `"12.30"`, of `decimal.handling.mode=string`; `'base64'`: the
   * unscaled number, of `precise`, with as many decimals as the row's schema says. Default `'text'`.
   */
  readonly decimals?: DecimalText;
}

/**
 * Changes of a table from a Debezium connector, as rows before and after, with their place in the database's log. Reads only.
 *
 * JSON comes with its schema part or without. With it, decimals and timestamps are read as it says, however the connector was told to write
 * them. Without, timestamps must be milliseconds or text (`time.precision.mode=connect`), and decimals numbers or text
 * (`decimal.handling.mode=double`, `string`) or what `decimals` says. For Avro give the way through a registry.
 *
 * @param row what the rows look like; without it they are `unknown`, and decimals whose schema part is there are text
 * @param options a function is the same as `{ through }`
 * @throws {MillraceError} `OPTION_INVALID` for what is no schema or no option; for a record `RECORD_MALFORMED` with `fields.path` if it is
 *   no envelope or a row does not fit
 * @example
 * kafka.topic('shop.public.customers', { format: kafka.debezium(Customer) });
 * kafka.topic('shop.public.customers', { format: kafka.debezium(Customer, (envelope) => registry.avro(envelope)) });
 * kafka.topic('shop.public.orders', { format: kafka.debezium(Order, { decimals: 'base64' }) });
 */
export function debezium<T = unknown>(
  row?: Schema<T>,
  options: Through<T> | DebeziumOptions<T> = {},
): Format<DebeziumChange<T>> {
  if (row !== undefined && typeof row?.parse !== 'function')
    throw optionError('row of kafka.debezium()', row, 'a schema such as struct({...})');
  const { through, decimals } = checked(options);
  const envelope = envelopeOf(row);
  const inner = through?.(envelope);
  const decodeEnvelope =
    inner === undefined ? jsonEnvelope(envelope, row, decimals) : (bytes: Uint8Array) => inner.decode(bytes);
  return Object.freeze({
    name: `debezium${row === undefined ? '' : ` of ${row.describe}`}`,
    decode: (bytes: Uint8Array): DebeziumChange<T> =>
      bytes.length === 0 ? TOMBSTONE : changeOf(decodeEnvelope(bytes)),
    encode(): never {
      throw new MillraceError('RECORD_MALFORMED', {
        message:
          'kafka.debezium() reads only: changes come from a connector. Write rows by kafka.json() or a registry.',
      });
    },
    ...(inner?.prepare === undefined
      ? {}
      : { prepare: (values: readonly (Uint8Array | null)[], signal: AbortSignal) => inner.prepare?.(values, signal) }),
  });
}

function checked<T>(options: Through<T> | DebeziumOptions<T>): DebeziumOptions<T> & { readonly decimals: DecimalText } {
  // A function of the options' type is no other than this.
  if (typeof options === 'function') return { through: options as Through<T>, decimals: 'text' };
  if (!isObject(options))
    throw optionError('through of kafka.debezium()', options, 'a function: (envelope) => registry.avro(envelope)');
  for (const name of Object.keys(options))
    if (name !== 'through' && name !== 'decimals')
      throw optionError(`${name} of kafka.debezium()`, options[name], 'left out: the options are through and decimals');
  const { through, decimals = 'text' }: DebeziumOptions<T> = options;
  if (through !== undefined && typeof through !== 'function')
    throw optionError('through of kafka.debezium()', through, 'a function: (envelope) => registry.avro(envelope)');
  if (decimals !== 'text' && decimals !== 'base64')
    throw optionError('decimals of kafka.debezium()', decimals, "'text' or 'base64'");
  return through === undefined ? { decimals } : { through, decimals };
}

const TOMBSTONE = Object.freeze({ op: 'tombstone' as const, before: undefined, after: undefined });

function envelopeOf<T>(row: Schema<T> | undefined): Schema<DebeziumEnvelope<T>> {
  const rows = (row ?? anyJson()) as Schema<unknown>;
  // optional() leaves the type of a row as it is: null and undefined are no rows.
  return struct({
    op: string(),
    before: optional(rows),
    after: optional(rows),
    source: anyJson(),
    ts_ms: optional(int()),
    transaction: optional(anyJson()),
    message: optional(anyJson()),
  }) as unknown as Schema<DebeziumEnvelope<T>>;
}

/** An envelope in JSON: `{ schema, payload }` if the converter writes schemas, else the payload alone. */
function jsonEnvelope<T>(
  envelope: Schema<DebeziumEnvelope<T>>,
  row: Schema<T> | undefined,
  decimals: DecimalText,
): (bytes: Uint8Array) => DebeziumEnvelope<T> {
  const wanted = (row ?? anyJson()).definition;
  const rowsRead = (payload: unknown, schema: ConnectSchema | undefined, prefix: string): unknown => {
    if (!isObject(payload)) return payload;
    if (!Object.hasOwn(payload, 'op')) throw withoutOp(`${prefix}op`);
    const rowIn = (name: 'before' | 'after'): unknown =>
      connectValue(wanted, payload[name], fieldOf(schema, name), decimals, `${prefix}${name}`);
    return { ...payload, before: rowIn('before'), after: rowIn('after') };
  };
  return (bytes) => {
    const value = parsed(bytes);
    if (isObject(value) && 'payload' in value && 'schema' in value)
      return envelope.decode(rowsRead(value['payload'], schemaIn(value['schema']), 'payload.'), 'payload');
    return envelope.decode(rowsRead(value, undefined, ''));
  };
}

function parsed(bytes: Uint8Array): unknown {
  const text = textOf(bytes);
  if (text === undefined) throw noEnvelope('', 'the value is not valid UTF-8');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw noEnvelope('', `the value is not JSON: ${(cause as Error).message}`);
  }
}

function withoutOp(path: string): MillraceError {
  return noEnvelope(
    path,
    `${path} is missing. Rows that ExtractNewRecordState flattened are read by kafka.json(row); heartbeats and schema changes have topics of their own`,
  );
}
