import type { Schema } from 'millrace';
import {
  structOf,
  type DecimalDefinition,
  type SchemaDefinition,
  type StructDefinition,
} from '../mapping/definition.ts';
import { describeDecimal } from '../mapping/decimal-value.ts';
import { fieldOf, itemOf, unmappable } from '../mapping/unmappable.ts';

/** A JSON schema. */
export type JsonSchema = { readonly [name: string]: unknown };

/** Formats by which the way back knows kinds that JSON Schema has no types for. */
export const TIMESTAMP_FORMAT = 'timestamp-millis';
export const DECIMAL_FORMAT = /^decimal\((\d+), (\d+)\)$/;

/** Decimals of so many digits are JSON numbers, of more text. */
export const NUMBER_PRECISION_MAX = 15;

/**
 * The JSON schema of a struct: objects without other properties, which is what lets a registry tell that a new optional field breaks
 * nobody. `timestamp` is an integer of format timestamp-millis, `decimal` a number, above 15 digits text, of format `decimal(10, 2)`.
 *
 * @param title name of the record
 * @throws {MillraceError} `SCHEMA_INVALID` naming a field that has no counterpart: an array of optionals
 * @example
 * structToJsonSchema(struct({ id: string(), note: optional(string()) }), 'Order').required; // ['id']
 */
export function structToJsonSchema(schema: Schema<unknown>, title: string): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title,
    ...objectOf(structOf(schema, title), ''),
  };
}

function objectOf(struct: StructDefinition, path: string): JsonSchema {
  const properties: Record<string, unknown> = {};
  const required: string[] = [];
  for (const { name, schema } of struct.fields) {
    // Defined, not set: a name may be __proto__.
    Object.defineProperty(properties, name, { value: propertyOf(schema, fieldOf(path, name)), enumerable: true });
    if (schema.kind !== 'optional') required.push(name);
  }
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}), additionalProperties: false };
}

function propertyOf(schema: SchemaDefinition, path: string): JsonSchema {
  if (schema.kind !== 'optional') return typeOf(schema, path);
  if (schema.item.kind === 'optional') throw unmappable(path, 'it is optional twice', 'Make it optional once.');
  if (schema.item.kind === 'json') return {};
  return { oneOf: [{ type: 'null' }, typeOf(schema.item, path)] };
}

function typeOf(schema: SchemaDefinition, path: string): JsonSchema {
  switch (schema.kind) {
    case 'string':
    case 'boolean':
      return { type: schema.kind };
    case 'double':
      return { type: 'number' };
    case 'int':
      return { type: 'integer' };
    case 'timestamp':
      return { type: 'integer', format: TIMESTAMP_FORMAT };
    case 'decimal':
      return { type: decimalType(schema), format: describeDecimal(schema) };
    case 'json':
      return {};
    case 'array':
      if (schema.item.kind === 'optional')
        throw unmappable(path, 'an array of optionals has no counterpart', 'Put the value into a struct({ ... }).');
      return { type: 'array', items: typeOf(schema.item, itemOf(path)) };
    case 'struct':
      return objectOf(schema, path);
    case 'optional':
      throw unmappable(path, 'an optional stands where no field is', 'Make a field of a struct optional.');
    default:
      return schema;
  }
}

const decimalType = ({ precision }: DecimalDefinition): string =>
  precision <= NUMBER_PRECISION_MAX ? 'number' : 'string';
