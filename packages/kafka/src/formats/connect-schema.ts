import { MillraceError } from 'millrace';

/**
 * What the `schema` part of a message says of a value, as Kafka Connect's JSON converter writes it. It is data of others: whatever
 * does not look like this is taken for nothing said.
 */
export interface ConnectSchema {
  /** Name of a logical type, such as `org.apache.kafka.connect.data.Decimal`. */
  readonly name?: unknown;
  /** Those of the logical type, such as `{ scale: '2' }`. */
  readonly parameters?: unknown;
  /** Of a struct: schemas with their name in `field`. */
  readonly fields?: unknown;
  /** Of an array. */
  readonly items?: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** A schema part, where there is one. */
export function schemaIn(value: unknown): ConnectSchema | undefined {
  return isObject(value) ? value : undefined;
}

/** What is said of a field of a struct. */
export function fieldOf(written: ConnectSchema | undefined, name: string): ConnectSchema | undefined {
  const fields = written?.fields;
  if (!Array.isArray(fields)) return undefined;
  return schemaIn(fields.find((field: unknown) => isObject(field) && field['field'] === name));
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function wrongValue(path: string, what: string): MillraceError {
  return new MillraceError('RECORD_MALFORMED', {
    message: `no Debezium envelope: ${path} ${what}`,
    fields: { path },
  });
}
