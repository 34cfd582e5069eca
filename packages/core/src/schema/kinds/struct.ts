import { MillraceError } from '../../errors/index.ts';
import type { StructDefinition } from '../definition.ts';
import { codecOf, isSchema, schemaOf } from '../schema-of.ts';
import { showValue } from '../show-value.ts';
import type { Infer, Schema } from '../schema.ts';
import type { OptionalSchema } from './optional.ts';
import { StructCodec, type FieldCodec } from './struct-codec.ts';

/** The fields of a struct: schemas by name. */
export type StructFields = Readonly<Record<string, Schema<unknown>>>;

type OptionalNames<F> = { [K in keyof F]: F[K] extends OptionalSchema<unknown> ? K : never }[keyof F];

type Flat<T> = { [K in keyof T]: T[K] };

/** Type of the values of `struct(fields)`: optional fields are optional properties. */
export type StructValue<F> = Flat<
  { -readonly [K in Exclude<keyof F, OptionalNames<F>>]: Infer<F[K]> } & {
    -readonly [K in OptionalNames<F>]?: Exclude<Infer<F[K]>, undefined>;
  }
>;

/** The schema of an object, with the schemas of its fields. */
export interface StructSchema<F extends StructFields> extends Schema<StructValue<F>> {
  readonly definition: StructDefinition;
  readonly fields: F;
}

/**
 * An object with the given fields. Fields that are not declared are dropped, whatever they hold; only own properties
 * count. The decoded object has the fields in declared order.
 *
 * @param fields schemas by field name
 * @throws {MillraceError} `SCHEMA_INVALID` if a field is not a schema (a frequent slip: `string` instead of `string()`)
 *
 * @example
 * const Order = struct({
 *   order_id: string(),
 *   amount: decimal(10, 2),
 *   items: array(struct({ sku: string(), quantity: int() })),
 * });
 * type Order = Infer<typeof Order>;
 */
export function struct<F extends StructFields>(fields: F): StructSchema<F> {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalid(`struct(fields) got ${showValue(fields)}, but needs an object of schemas.`, '');
  }
  const codecs: FieldCodec[] = [];
  const definitions: StructDefinition['fields'][number][] = [];
  for (const name of Object.keys(fields)) {
    const schema: unknown = fields[name];
    if (!isSchema(schema)) {
      throw invalid(`field ${name} of struct is ${showValue(schema)}, but must be a schema such as string().`, name);
    }
    codecs.push({ name, codec: codecOf(schema) });
    definitions.push(Object.freeze({ name, schema: schema.definition }));
  }
  const definition: StructDefinition = { kind: 'struct', fields: Object.freeze(definitions) };
  // StructValue says by type what the codec builds field by field.
  const codec = new StructCodec<StructValue<F>>(codecs);
  return schemaOf(definition, codec, { fields: Object.freeze({ ...fields }) });
}

function invalid(message: string, field: string): MillraceError {
  return new MillraceError('SCHEMA_INVALID', { message, fields: { field } });
}
