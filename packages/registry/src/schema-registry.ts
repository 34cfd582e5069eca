import { MillraceError, optionError, type Schema } from 'millrace';
import { avroOfSchema, avroOfStruct } from './avro/avro-kind.ts';
import { parseSchemaText } from './avro/avro-node.ts';
import { avroType } from './avro/avro-type.ts';
import type { AvroSchema } from './avro/struct-to-avro.ts';
import { RegistryClient } from './client/registry-client.ts';
import { checkRegistryOptions, type RegistryOptions } from './client/registry-options.ts';
import { checkFormatOptions, type FormatOptions, type SchemaFormatOptions } from './format/format-options.ts';
import type { Kind } from './format/kind.ts';
import { registryFormat, type RegistryFormat } from './format/registry-format.ts';
import { jsonOfSchema, jsonOfStruct } from './json/json-schema-kind.ts';
import type { JsonSchema } from './json/struct-to-json-schema.ts';
import { isMillraceSchema } from './mapping/definition.ts';
import { protobufOfSchema, protobufOfStruct } from './protobuf/protobuf-kind.ts';

/** Name of a record that nobody has named. */
const NAME = 'Value';

/** Formats of a schema registry. */
export interface SchemaRegistry {
  /**
   * Avro. With a struct values are read as the struct, whoever wrote them with whatever schema: fields are matched by their names, others
   * are dropped, those that are missing must be optional. With an Avro schema they are resolved as Avro has it. With neither they come as
   * they were written, and nothing can be written.
   *
   * @throws {MillraceError} `SCHEMA_INVALID` for a struct that has no Avro schema, naming the field, or an Avro schema that is wrong;
   *   `OPTION_INVALID` for wrong options
   * @example
   * kafka.topic('orders', { format: registry.avro(Order) });
   */
  avro<T>(schema: Schema<T>, options?: FormatOptions): RegistryFormat<T>;
  avro<T = unknown>(schema?: AvroSchema, options?: SchemaFormatOptions): RegistryFormat<T>;
  /**
   * Protobuf. With a struct values are read as the struct, by the names of the fields of whoever wrote them. With the text of a .proto file
   * they are read by its numbers, as the message that `name` says, else its first one.
   *
   * @throws {MillraceError} `SCHEMA_INVALID` for a struct that has no .proto file, naming the field, or a file that is wrong;
   *   `OPTION_INVALID` for wrong options
   * @example
   * kafka.sink('orders', { format: registry.protobuf(Order, { name: 'com.shop.Order' }) });
   */
  protobuf<T>(schema: Schema<T>, options?: FormatOptions): RegistryFormat<T>;
  protobuf<T = unknown>(schema?: string, options?: SchemaFormatOptions): RegistryFormat<T>;
  /**
   * JSON text under a JSON schema. With a struct values are checked by the struct, with a JSON schema by that, with neither not at all.
   *
   * @throws {MillraceError} `SCHEMA_INVALID` for a struct that has no JSON schema, naming the field; `OPTION_INVALID` for wrong options
   * @example
   * kafka.topic('orders', { format: registry.jsonSchema(Order) });
   */
  jsonSchema<T>(schema: Schema<T>, options?: FormatOptions): RegistryFormat<T>;
  jsonSchema<T = unknown>(schema?: JsonSchema, options?: SchemaFormatOptions): RegistryFormat<T>;
  /** Ends what is being asked. A program that has finished need not call it: nothing is held open. */
  close(): void;
}

/**
 * A schema registry with Confluent's interface: Confluent's, Apicurio (path `/apis/ccompat/v7`), Karapace, Redpanda. Values have
 * Confluent's wire format: a zero byte, four bytes of schema id, for Protobuf the indexes of the message, the value.
 *
 * Nothing is asked before a job opens its sources and sinks. Its client is `@confluentinc/schemaregistry`, an optional peer.
 *
 * @throws {MillraceError} `OPTION_INVALID` for wrong options; when used `DEPENDENCY_MISSING` without the client
 * @example
 * const registry = schemaRegistry({ url: 'http://localhost:8081' });
 * flow
 *   .from('orders', kafka.topic('orders', { format: registry.avro(Order) }))
 *   .to('copies', kafka.sink('copies', { format: registry.avro(Order, { name: 'com.shop.Order' }) }));
 */
export function schemaRegistry(options: RegistryOptions): SchemaRegistry {
  const settings = checkRegistryOptions(options);
  const client = new RegistryClient(settings);
  const format = <T>(kind: Kind<T>, chosen: SchemaFormatOptions): RegistryFormat<T> =>
    registryFormat(client, kind, settings.cacheSize, chosen);

  // The overloads say by type which schema gives which values; here T is what the caller says.
  return Object.freeze({
    avro<T>(schema?: Schema<T> | AvroSchema, chosen: SchemaFormatOptions = {}): RegistryFormat<T> {
      checkFormatOptions('registry.avro()', chosen);
      if (isMillraceSchema(schema)) {
        refuseReferences('registry.avro()', chosen);
        return format(avroOfStruct(schema as Schema<T>, chosen.name ?? NAME), chosen);
      }
      const given = typeof schema === 'string' ? parseSchemaText(schema, 'the schema of registry.avro()') : schema;
      if (given !== undefined && (chosen.references ?? []).length === 0) avroType(given);
      return format(avroOfSchema<T>(given, chosen.references ?? [], chosen.name ?? avroName(given)), chosen);
    },
    protobuf<T>(schema?: Schema<T> | string, chosen: SchemaFormatOptions = {}): RegistryFormat<T> {
      checkFormatOptions('registry.protobuf()', chosen);
      if (isMillraceSchema(schema)) {
        refuseReferences('registry.protobuf()', chosen);
        return format(protobufOfStruct(schema as Schema<T>, chosen.name ?? NAME), chosen);
      }
      if (schema !== undefined && typeof schema !== 'string')
        throw optionError('schema of registry.protobuf()', schema, 'a struct, or the text of a .proto file');
      return format(protobufOfSchema<T>(schema, chosen.references ?? [], chosen.name), chosen);
    },
    jsonSchema<T>(schema?: Schema<T> | JsonSchema, chosen: SchemaFormatOptions = {}): RegistryFormat<T> {
      checkFormatOptions('registry.jsonSchema()', chosen);
      if (isMillraceSchema(schema)) {
        refuseReferences('registry.jsonSchema()', chosen);
        return format(jsonOfStruct(schema as Schema<T>, chosen.name ?? NAME), chosen);
      }
      if (schema !== undefined && (typeof schema !== 'object' || schema === null))
        throw optionError('schema of registry.jsonSchema()', schema, 'a struct, or a JSON schema as an object');
      const { title } = schema ?? {};
      const name = chosen.name ?? (typeof title === 'string' ? title : NAME);
      return format(jsonOfSchema<T>(schema, chosen.references ?? [], name), chosen);
    },
    close: () => client.close(),
  }) as SchemaRegistry;
}

function refuseReferences(where: string, { references }: SchemaFormatOptions): void {
  if (references === undefined) return;
  throw new MillraceError('OPTION_INVALID', {
    message: `references of ${where} stand beside a struct, which refers to nothing. Leave them out, or give a schema of your own.`,
  });
}

/** Full name of a record in Avro's JSON. */
function avroName(schema: unknown): string {
  if (typeof schema !== 'object' || schema === null || !('name' in schema) || typeof schema.name !== 'string')
    return NAME;
  const namespace = 'namespace' in schema && typeof schema.namespace === 'string' ? schema.namespace : '';
  return namespace === '' || schema.name.includes('.') ? schema.name : `${namespace}.${schema.name}`;
}
