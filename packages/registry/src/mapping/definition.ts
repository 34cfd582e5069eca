import { MillraceError, type Schema } from 'millrace';

/** What a schema of Millrace is, as plain data (`Schema.definition`). */
export type SchemaDefinition = Schema<unknown>['definition'];

export type DecimalDefinition = Extract<SchemaDefinition, { readonly kind: 'decimal' }>;
export type StructDefinition = Extract<SchemaDefinition, { readonly kind: 'struct' }>;

/** Whether a value is a schema of Millrace, and not an Avro or a JSON schema. */
export function isMillraceSchema(value: unknown): value is Schema<unknown> {
  return typeof value === 'object' && value !== null && 'definition' in value && 'parse' in value;
}

/** @throws MillraceError `SCHEMA_INVALID` unless it is the schema of a struct */
export function structOf(schema: Schema<unknown>, where: string): StructDefinition {
  const { definition } = schema;
  if (definition.kind === 'struct') return definition;
  throw new MillraceError('SCHEMA_INVALID', {
    message: `the schema of ${where} is ${schema.describe}, but must be a struct({ ... }): values in a registry are records.`,
  });
}
