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
import { DECIMAL_FORMAT, TIMESTAMP_FORMAT, type JsonSchema } from './struct-to-json-schema.ts';

type AnyStruct = StructSchema<Record<string, Schema<unknown>>>;

/** JSON schemas that are referred to, by their places. */
interface Context {
  readonly root: JsonSchema;
  readonly within: readonly unknown[];
}

/**
 * The struct of a JSON schema: `integer` is int, `number` double, an enum of texts string, text of format date-time timestamp, a property
 * that is not required or may be null optional, a property of any type json. `$ref` is followed inside of the schema.
 *
 * @param schema as JSON, or its text
 * @throws {MillraceError} `SCHEMA_INVALID` naming a field that has no counterpart: several types, `allOf`, `patternProperties`, schemas
 *   that hold themselves, references to elsewhere
 * @example
 * const Order = jsonSchemaToStruct({ type: 'object', properties: { id: { type: 'string' } }, required: ['id'] });
 */
export function jsonSchemaToStruct(schema: unknown): AnyStruct {
  const root = objectIn(typeof schema === 'string' ? parse(schema) : schema, '');
  const followed = follow(root, { root, within: [] }, '');
  if (followed.schema['type'] !== 'object' && followed.schema['properties'] === undefined)
    throw unmappable('', 'it is no object', 'A struct is made of an object with properties.');
  return structOf(followed.schema, '', followed.context);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unmappable('', 'it is no JSON', 'Give a JSON schema.');
  }
}

function objectIn(value: unknown, path: string): JsonSchema {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonSchema;
  throw unmappable(path, `its schema is ${JSON.stringify(value)}`, 'A JSON schema is an object.');
}

function structOf(schema: JsonSchema, path: string, context: Context): AnyStruct {
  const properties = objectIn(schema['properties'] ?? {}, path);
  const required = Array.isArray(schema['required']) ? (schema['required'] as readonly unknown[]) : [];
  const fields = Object.entries(properties).map(([name, property]) => {
    const at = fieldOf(path, name);
    const { item, nullable } = withoutNull(objectIn(property, at));
    const field = typeOf(item, at, context);
    return [name, nullable || !required.includes(name) ? optional(field) : field] as const;
  });
  return struct(Object.fromEntries<Schema<unknown>>(fields));
}

/** What a property is when it is not null. */
function withoutNull(schema: JsonSchema): { readonly item: JsonSchema; readonly nullable: boolean } {
  const { type } = schema;
  if (Array.isArray(type) && type.includes('null')) {
    const types: readonly unknown[] = type.filter((one) => one !== 'null');
    return { item: { ...schema, type: types.length === 1 ? types[0] : types }, nullable: true };
  }
  for (const any of ['oneOf', 'anyOf']) {
    const branches = schema[any];
    if (!Array.isArray(branches)) continue;
    const others = (branches as readonly JsonSchema[]).filter((branch) => branch['type'] !== 'null');
    const [only] = others;
    if (only !== undefined && others.length === 1) return { item: only, nullable: others.length < branches.length };
  }
  return { item: schema, nullable: false };
}

function typeOf(given: JsonSchema, path: string, outer: Context): Schema<unknown> {
  const { schema, context } = follow(given, outer, path);
  for (const keyword of ['allOf', 'oneOf', 'anyOf', 'patternProperties'])
    if (schema[keyword] !== undefined)
      throw unmappable(
        path,
        `a struct has no counterpart of ${keyword}`,
        'Read it by registry.jsonSchema(schema) as it is.',
      );
  const { type, format } = schema;
  const decimals = typeof format === 'string' ? DECIMAL_FORMAT.exec(format) : null;
  if (decimals !== null) {
    // decimal() checks the number; as a type it only decides between number and bigint.
    return decimal(Number(decimals[1]) as Parameters<typeof decimal>[0], Number(decimals[2]));
  }
  switch (type) {
    case 'string':
      return format === 'date-time' ? timestamp() : string();
    case 'integer':
      return format === TIMESTAMP_FORMAT ? timestamp() : int();
    case 'number':
      return double();
    case 'boolean':
      return boolean();
    case 'array':
      return array(typeOf(objectIn(schema['items'] ?? {}, itemOf(path)), itemOf(path), context));
    case 'object':
      return schema['properties'] === undefined ? json() : structOf(schema, path, context);
    case undefined:
      if (Array.isArray(schema['enum']) && schema['enum'].every((one) => typeof one === 'string')) return string();
      if (schema['properties'] !== undefined) return structOf(schema, path, context);
      return json();
    default:
      throw unmappable(path, `its type is ${JSON.stringify(type)}`, 'A field of a struct has one type.');
  }
}

function follow(schema: JsonSchema, context: Context, path: string): { schema: JsonSchema; context: Context } {
  const { $ref: ref } = schema;
  if (ref === undefined) return { schema, context };
  if (typeof ref !== 'string' || !ref.startsWith('#'))
    throw unmappable(path, `it refers to ${JSON.stringify(ref)}`, 'References are followed inside of a schema.');
  if (context.within.includes(ref)) throw unmappable(path, `${ref} holds itself`, 'A struct ends somewhere.');
  let found: unknown = context.root;
  for (const part of ref.slice(1).split('/').filter(Boolean)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
  }
  if (found === undefined) throw unmappable(path, `there is no ${ref}`, 'Correct the reference.');
  return follow(objectIn(found, path), { ...context, within: [...context.within, ref] }, path);
}
