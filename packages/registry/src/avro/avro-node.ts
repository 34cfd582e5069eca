import { MillraceError, messageOf } from 'millrace';

/** An Avro schema with its names resolved: a record that holds itself is a circle of nodes. */
export type AvroNode =
  | { readonly kind: 'null' | 'boolean' | 'float' | 'double' }
  | AvroLong
  | { readonly kind: 'string'; readonly connectName?: string }
  | { readonly kind: 'bytes'; readonly decimal?: AvroDecimal }
  | { readonly kind: 'fixed'; readonly name: string; readonly size: number; readonly decimal?: AvroDecimal }
  | { readonly kind: 'enum'; readonly name: string; readonly symbols: readonly string[] }
  | { readonly kind: 'array'; readonly items: AvroNode }
  | { readonly kind: 'map'; readonly values: AvroNode }
  | { readonly kind: 'union'; readonly branches: readonly AvroNode[] }
  | AvroRecord;

export interface AvroLong {
  readonly kind: 'int' | 'long';
  readonly logicalType?: string;
  readonly connectName?: string;
}

export interface AvroDecimal {
  readonly precision: number;
  readonly scale: number;
}

export interface AvroRecord {
  readonly kind: 'record';
  /** With its namespace. */
  readonly name: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly node: AvroNode;
  readonly hasDefault: boolean;
  /** Other names under which it may have been written. */
  readonly aliases: readonly string[];
}

type Json = { readonly [name: string]: unknown };

/**
 * Resolves the names of a schema.
 *
 * @param references schemas whose names it uses, those that others use first
 * @throws MillraceError `SCHEMA_INVALID`
 */
export function avroNode(schema: unknown, references: readonly unknown[] = []): AvroNode {
  const names = new Map<string, AvroNode>();
  for (const reference of references) nodeOf(reference, '', names);
  return nodeOf(schema, '', names);
}

/** @throws MillraceError `SCHEMA_INVALID` */
export function parseSchemaText(text: string, what: string): unknown {
  try {
    // A registry may also give a primitive type without quotes.
    return /^[a-z]+$/.test(text) ? text : (JSON.parse(text) as unknown);
  } catch (cause) {
    throw new MillraceError('SCHEMA_INVALID', { message: `${what} is not JSON: ${messageOf(cause)}`, cause });
  }
}

function nodeOf(schema: unknown, namespace: string, names: Map<string, AvroNode>): AvroNode {
  if (typeof schema === 'string') return named(schema, namespace, names);
  if (Array.isArray(schema))
    return { kind: 'union', branches: schema.map((branch) => nodeOf(branch, namespace, names)) };
  if (typeof schema !== 'object' || schema === null) throw invalid(`${JSON.stringify(schema)} is no type`);
  const json = schema as Json; // an object of unknown properties, each of which is looked at
  const { type } = json;
  if (typeof type !== 'string') return nodeOf(type, namespace, names);
  const connectName = typeof json['connect.name'] === 'string' ? { connectName: json['connect.name'] } : {};
  switch (type) {
    case 'array':
      return { kind: 'array', items: nodeOf(json['items'], namespace, names) };
    case 'map':
      return { kind: 'map', values: nodeOf(json['values'], namespace, names) };
    case 'int':
    case 'long':
      return { kind: type, ...logicalType(json), ...connectName };
    case 'string':
      return { kind: 'string', ...connectName };
    case 'bytes':
      return { kind: 'bytes', ...decimalOf(json) };
    case 'fixed':
    case 'enum':
    case 'record':
    case 'error':
      return define(type, json, namespace, names);
    default:
      return named(type, namespace, names);
  }
}

function define(
  type: 'fixed' | 'enum' | 'record' | 'error',
  json: Json,
  namespace: string,
  names: Map<string, AvroNode>,
): AvroNode {
  const name = fullName(String(json['name']), typeof json['namespace'] === 'string' ? json['namespace'] : namespace);
  const add = (node: AvroNode): AvroNode => {
    names.set(name, node);
    return node;
  };
  if (type === 'fixed') return add({ kind: 'fixed', name, size: Number(json['size']), ...decimalOf(json) });
  if (type === 'enum') return add({ kind: 'enum', name, symbols: listOf(json['symbols'], name).map(String) });
  const fields: AvroField[] = [];
  const record = add({ kind: 'record', name, fields });
  const inside = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : '';
  for (const field of listOf(json['fields'], name) as readonly Json[])
    fields.push({
      name: String(field['name']),
      node: nodeOf(field['type'], inside, names),
      hasDefault: field['default'] !== undefined,
      aliases: Array.isArray(field['aliases']) ? field['aliases'].map(String) : [],
    });
  return record;
}

function named(name: string, namespace: string, names: ReadonlyMap<string, AvroNode>): AvroNode {
  switch (name) {
    case 'null':
    case 'boolean':
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'bytes':
    case 'string':
      return { kind: name };
    default: {
      const found = names.get(fullName(name, namespace)) ?? names.get(name);
      if (found === undefined) throw invalid(`there is no type named ${JSON.stringify(name)}; is a reference missing?`);
      return found;
    }
  }
}

const fullName = (name: string, namespace: string): string =>
  name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;

function decimalOf(json: Json): { readonly decimal?: AvroDecimal } {
  const { logicalType: logical, precision, scale = 0 } = json;
  if (logical !== 'decimal' || typeof precision !== 'number' || typeof scale !== 'number') return {};
  return { decimal: { precision, scale } };
}

function logicalType(json: Json): { readonly logicalType?: string } {
  return typeof json['logicalType'] === 'string' ? { logicalType: json['logicalType'] } : {};
}

function listOf(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(`${name} has no list of fields or symbols`);
}

function invalid(message: string): MillraceError {
  return new MillraceError('SCHEMA_INVALID', { message: `the Avro schema is wrong: ${message}.` });
}
