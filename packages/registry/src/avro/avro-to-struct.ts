import {
  array,
  boolean,
  decimal,
  double,
  int,
  json,
  optional,
  string,
  struct,
  timestamp,
  type Schema,
  type StructSchema,
} from 'millrace';
import { fieldOf, itemOf, unmappable } from '../mapping/unmappable.ts';
import { avroNode, parseSchemaText, type AvroDecimal, type AvroNode } from './avro-node.ts';
import { JSON_NAME, unitsPerMs } from './time-unit.ts';

const PRECISION_MAX = 38;

/**
 * The struct of an Avro record: what `registry.avro(struct)` reads of such values. Enums become `string`, int and long `int`,
 * float and double `double`, unions with null `optional`.
 *
 * @param schema as JSON, or its text
 * @throws {MillraceError} `SCHEMA_INVALID` naming a field that has no counterpart: bytes and fixed without the logical type decimal,
 *   maps, unions of several types, records that hold themselves, decimals of more than 38 digits
 * @example
 * const Order = avroToStruct({ type: 'record', name: 'Order', fields: [{ name: 'id', type: 'string' }] });
 */
export function avroToStruct(schema: unknown): StructSchema<Record<string, Schema<unknown>>> {
  const node = avroNode(typeof schema === 'string' ? parseSchemaText(schema, 'the Avro schema') : schema);
  if (node.kind !== 'record') throw unmappable('', `it is a ${node.kind}`, 'A struct is made of a record.');
  return recordOf(node, '', []);
}

function recordOf(
  node: AvroNode & { readonly kind: 'record' },
  path: string,
  within: readonly AvroNode[],
): StructSchema<Record<string, Schema<unknown>>> {
  if (within.includes(node)) throw unmappable(path, `record ${node.name} holds itself`, 'A struct ends somewhere.');
  const inside = [...within, node];
  return struct(
    Object.fromEntries(
      node.fields.map((field) => [field.name, schemaOf(field.node, fieldOf(path, field.name), inside)]),
    ),
  );
}

function schemaOf(node: AvroNode, path: string, within: readonly AvroNode[]): Schema<unknown> {
  switch (node.kind) {
    case 'string':
      return node.connectName === JSON_NAME ? json() : string();
    case 'enum':
      return string();
    case 'boolean':
      return boolean();
    case 'float':
    case 'double':
      return double();
    case 'int':
    case 'long':
      return unitsPerMs(node) === undefined ? int() : timestamp();
    case 'bytes':
    case 'fixed':
      if (node.decimal !== undefined) return decimalOf(node.decimal, path);
      throw unmappable(path, `millrace has no kind for ${node.kind}`, 'Read it by registry.avro() without a struct.');
    case 'array':
      return array(schemaOf(node.items, itemOf(path), within));
    case 'record':
      return recordOf(node, path, within);
    case 'union':
      return unionOf(node.branches, path, within);
    case 'null':
    case 'map':
      throw unmappable(path, `millrace has no kind for ${node.kind}`, 'Read it by registry.avro() without a struct.');
    default:
      return node;
  }
}

function unionOf(branches: readonly AvroNode[], path: string, within: readonly AvroNode[]): Schema<unknown> {
  const types = branches.filter(({ kind }) => kind !== 'null');
  const [only] = types;
  if (only === undefined || types.length > 1)
    throw unmappable(path, `it is a union of ${types.length} types`, 'A field of a struct has one type.');
  const item = schemaOf(only, path, within);
  return types.length === branches.length ? item : optional(item);
}

function decimalOf({ precision, scale }: AvroDecimal, path: string): Schema<unknown> {
  if (precision > PRECISION_MAX)
    throw unmappable(path, `it has ${precision} digits`, `Decimals have at most ${PRECISION_MAX}.`);
  // The number is checked by decimal() itself; as a type it only decides between number and bigint.
  return decimal(precision as Parameters<typeof decimal>[0], scale);
}
