import type { Schema } from 'millrace';
import type { SchemaDefinition, StructDefinition } from '../mapping/definition.ts';
import { structOf } from '../mapping/definition.ts';
import { checkFieldName, fieldOf, itemOf, unmappable } from '../mapping/unmappable.ts';
import { JSON_NAME } from './time-unit.ts';

/** An Avro schema as JSON. */
export type AvroSchema = string | readonly AvroSchema[] | { readonly [name: string]: unknown };

/**
 * The Avro schema of a struct. `int` is a long, `decimal` bytes with the logical type decimal, `timestamp` a long with
 * timestamp-millis, `optional` a union with null and null as default, `json` text (with Connect's name for it), a struct inside a
 * record named after the field.
 *
 * @param name of the record, with its namespace: `com.shop.Order`
 * @throws {MillraceError} `SCHEMA_INVALID` naming a field that has no counterpart: a name that is no identifier, an optional inside of
 *   an optional
 * @example
 * structToAvro(struct({ id: string(), note: optional(string()) }), 'com.shop.Order');
 * // { type: 'record', name: 'Order', namespace: 'com.shop', fields: [{ name: 'id', type: 'string' }, ...] }
 */
export function structToAvro(schema: Schema<unknown>, name: string): AvroSchema {
  const point = name.lastIndexOf('.');
  const namespace = point < 0 ? {} : { namespace: name.slice(0, point) };
  return recordOf(structOf(schema, name), name.slice(point + 1), '', namespace);
}

function recordOf(struct: StructDefinition, name: string, path: string, namespace: object): AvroSchema {
  const fields = struct.fields.map(({ name: field, schema }) => {
    const at = fieldOf(path, field);
    checkFieldName(field, at, 'Avro');
    const type = typeOf(schema, `${name}_${field}`, at);
    return schema.kind === 'optional' ? { name: field, type, default: null } : { name: field, type };
  });
  return { type: 'record', name, ...namespace, fields };
}

function typeOf(schema: SchemaDefinition, name: string, path: string): AvroSchema {
  switch (schema.kind) {
    case 'string':
    case 'double':
    case 'boolean':
      return schema.kind;
    case 'int':
      return 'long';
    case 'timestamp':
      return { type: 'long', logicalType: 'timestamp-millis' };
    case 'json':
      return { type: 'string', 'connect.name': JSON_NAME };
    case 'decimal':
      return { type: 'bytes', logicalType: 'decimal', precision: schema.precision, scale: schema.scale };
    case 'array':
      return { type: 'array', items: typeOf(schema.item, name, itemOf(path)) };
    case 'struct':
      return recordOf(schema, name, path, {});
    case 'optional':
      if (schema.item.kind === 'optional')
        throw unmappable(path, 'Avro has no union inside of a union', 'Make it optional once.');
      return ['null', typeOf(schema.item, name, path)];
    default:
      return noKind(schema);
  }
}

function noKind(schema: never): never {
  throw unmappable('', `its kind is ${JSON.stringify(schema)}`, 'Use the kinds of millrace.');
}
