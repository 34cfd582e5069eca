import { Buffer } from 'node:buffer';
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { MillraceError, messageOf, type Schema } from 'millrace';
import type { RegisteredSchema, SchemaReference } from '../client/registered-schema.ts';
import type { Encode, Kind } from '../format/kind.ts';
import { malformed } from '../mapping/malformed.ts';
import { jsonText } from '../mapping/json-text.ts';
import { HEADER_BYTES, writeHeader } from '../wire/header.ts';
import { structToJsonSchema, type JsonSchema } from './struct-to-json-schema.ts';

/** JSON, read and written as a struct. Its values are checked by the struct. */
export function jsonOfStruct<T>(schema: Schema<T>, recordName: string): Kind<T> {
  const own = JSON.stringify(structToJsonSchema(schema, recordName));
  return {
    ...common(`JSON Schema of ${schema.describe}`, recordName),
    schema: () => ({ schemaType: 'JSON', schema: own, references: [] }),
    reader: () => (bytes) => schema.parse(textOf(bytes)),
    writer: (_, id) => encoderOf(id, (value) => schema.encode(value)),
  };
}

/** JSON by a JSON schema of the program's own, or, without one, as it was written. */
export function jsonOfSchema<T>(
  given: JsonSchema | undefined,
  references: readonly SchemaReference[],
  recordName: string,
): Kind<T> {
  return {
    ...common(given === undefined ? 'JSON Schema as it was written' : `JSON Schema of ${recordName}`, recordName),
    schema() {
      if (given !== undefined) return { schemaType: 'JSON', schema: JSON.stringify(given), references };
      throw new MillraceError('OPTION_INVALID', {
        message: 'registry.jsonSchema() without a schema reads only; to write, give it a struct or a JSON schema.',
      });
    },
    reader(_, own) {
      const check = given === undefined ? undefined : validatorOf(given, own);
      return (bytes) => {
        const value = parse(textOf(bytes));
        if (check !== undefined) refuseUnless(check, value, '');
        return value as T; // as the schema says
      };
    },
    writer(schema, id) {
      const check = validatorOf(JSON.parse(schema.schema) as JsonSchema, schema.resolved);
      return encoderOf(id, (value) => {
        refuseUnless(check, value, 'cannot encode: ');
        return jsonText(value);
      });
    },
  };
}

const common = (name: string, recordName: string) =>
  ({ schemaType: 'JSON', name, recordName, explain: () => undefined }) as const;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes.subarray(HEADER_BYTES));
  } catch {
    throw malformed('the value is not valid UTF-8');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(`the value is not JSON: ${messageOf(cause)}`);
  }
}

function encoderOf<T>(id: number, textOfValue: (value: T) => string): Encode<T> {
  return (value) => {
    const text = textOfValue(value);
    const bytes = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(text));
    writeHeader(bytes, id);
    bytes.write(text, HEADER_BYTES);
    return bytes;
  };
}

/** @throws MillraceError `SCHEMA_INVALID` */
function validatorOf(schema: JsonSchema, references: readonly RegisteredSchema[]): ValidateFunction {
  const draft = String(schema['$schema'] ?? '');
  const Validator = draft.includes('2020-12') ? Ajv2020 : draft.includes('2019-09') ? Ajv2019 : Ajv;
  // Formats are for people and for the way back to a struct.
  const ajv = new Validator({ strict: false, validateFormats: false, allErrors: false });
  try {
    for (const reference of references)
      ajv.addSchema(asDraft7(JSON.parse(reference.schema) as JsonSchema), reference.name);
    return ajv.compile(asDraft7(schema));
  } catch (cause) {
    throw new MillraceError('SCHEMA_INVALID', { message: `the JSON schema is wrong: ${messageOf(cause)}`, cause });
  }
}

/** Older drafts are read as draft 7, which goes on with them; what it does not know (`id`, a boolean `exclusiveMinimum`) is an error. */
function asDraft7(schema: JsonSchema): JsonSchema {
  if (!/draft-0[46]/.test(String(schema['$schema'] ?? ''))) return schema;
  const { $schema: _, ...rest } = schema;
  return rest;
}

function refuseUnless(check: ValidateFunction, value: unknown, prefix: string): void {
  if (check(value)) return;
  const [error] = check.errors ?? [];
  const path = (error?.instancePath ?? '').slice(1).replaceAll('/', '.');
  throw malformed(
    `${prefix}${path === '' ? 'the value' : path} ${error?.message ?? 'does not fit its JSON schema'}`,
    path,
  );
}
