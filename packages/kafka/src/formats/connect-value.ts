import type { Schema } from 'millrace';
import { decimalText, decimalValue, isDecimal, type DecimalText } from './connect-decimal.ts';
import { fieldOf, isObject, schemaIn, wrongValue, type ConnectSchema } from './connect-schema.ts';

type Definition = Schema<unknown>['definition'];

const JSON_TEXT = 'io.debezium.data.Json';

/** Units per millisecond of the named integers that are points in time. */
const TIMESTAMPS: Readonly<Record<string, number>> = {
  'org.apache.kafka.connect.data.Timestamp': 1,
  'io.debezium.time.Timestamp': 1,
  'io.debezium.time.MicroTimestamp': 1_000,
  'io.debezium.time.NanoTimestamp': 1_000_000,
};

/** Named integers that are dates or times of day: no points in time. */
const NO_TIMESTAMP = /^(org\.apache\.kafka\.connect\.data|io\.debezium\.time)\./;

/**
 * Brings a value from what Connect and Debezium write into what its schema reads: decimals from base64 (`decimal.handling.mode=precise`),
 * text (`string`) or `{ scale, value }` (`VariableScaleDecimal`), timestamps into milliseconds, JSON from its text. Everything else
 * stays as it is, and is checked by the schema.
 *
 * @param wanted the schema of whoever reads; of kind `json` where anything is taken
 * @param written what the schema part says, if there is one
 * @throws MillraceError `RECORD_MALFORMED` naming the field
 */
export function connectValue(
  wanted: Definition,
  value: unknown,
  written: ConnectSchema | undefined,
  decimals: DecimalText,
  path: string,
): unknown {
  if (value === null || value === undefined) return value;
  switch (wanted.kind) {
    case 'optional':
      return connectValue(wanted.item, value, written, decimals, path);
    case 'decimal':
      return decimalValue(wanted, value, written, decimals, path);
    case 'timestamp':
      return timestampValue(value, written, path);
    case 'array':
      if (!Array.isArray(value)) return value;
      return value.map((item, i) =>
        connectValue(wanted.item, item, schemaIn(written?.items), decimals, `${path}[${i}]`),
      );
    case 'struct':
      return structValue(wanted, value, written, decimals, path);
    case 'json':
      return written === undefined ? value : anyValue(value, written, path);
    default:
      return value;
  }
}

function structValue(
  wanted: Extract<Definition, { readonly kind: 'struct' }>,
  value: unknown,
  written: ConnectSchema | undefined,
  decimals: DecimalText,
  path: string,
): unknown {
  // MongoDB's documents are the text of their JSON.
  const from = typeof value === 'string' ? jsonOf(value, path) : value;
  if (!isObject(from)) return from;
  const into = Object.create(null) as Record<string, unknown>;
  for (const { name, schema } of wanted.fields) {
    if (!Object.hasOwn(from, name)) continue;
    into[name] = connectValue(schema, from[name], fieldOf(written, name), decimals, `${path}.${name}`);
  }
  return { ...into };
}

/** A value as its schema part alone says: decimals are text such as `12.30`. */
function anyValue(value: unknown, written: ConnectSchema, path: string): unknown {
  if (value === null) return value;
  if (written.name === JSON_TEXT && typeof value === 'string') return jsonOf(value, path);
  if (isDecimal(value, written)) return decimalText(value, written, 'base64', path);
  const units = typeof written.name === 'string' ? TIMESTAMPS[written.name] : undefined;
  if (units !== undefined && typeof value === 'number') return toMs(value, units);
  if (Array.isArray(value)) {
    const items = schemaIn(written.items);
    return items === undefined ? value : value.map((item, i) => anyValue(item, items, `${path}[${i}]`));
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => {
    const field = fieldOf(written, name);
    return [name, field === undefined ? one : anyValue(one, field, `${path}.${name}`)];
  });
  return Object.fromEntries(entries);
}

function timestampValue(value: unknown, written: ConnectSchema | undefined, path: string): unknown {
  if (typeof value === 'string') return value.replace(/(\.\d{3})\d+(?=Z|[+-])/, '$1'); // a ZonedTimestamp has up to nine decimals
  const name = typeof written?.name === 'string' ? written.name : '';
  const units = TIMESTAMPS[name];
  if (units !== undefined && typeof value === 'number') return toMs(value, units);
  if (NO_TIMESTAMP.test(name))
    throw wrongValue(path, `was written as ${name}, which is no point in time: read it as int() or string()`);
  return value;
}

/** Numbers of JSON know nanoseconds of our days only to 256: they are brought to the microseconds that databases have. */
function toMs(value: number, units: number): number {
  if (units === 1) return value;
  return Math.floor(units === 1_000_000 ? Math.round(value / 1_000) / 1_000 : value / units);
}

function jsonOf(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw wrongValue(path, 'is text that is no JSON');
  }
}
