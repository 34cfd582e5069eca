import { Buffer } from 'node:buffer';
import { MillraceError, messageOf, type Schema } from 'millrace';
import type { Type } from 'avsc';
import type { RegisteredSchema, ResolvedSchema, SchemaReference } from '../client/registered-schema.ts';
import type { Decode, Encode, Kind } from '../format/kind.ts';
import { structOf, type StructDefinition } from '../mapping/definition.ts';
import { malformed, unreadable } from '../mapping/malformed.ts';
import { HEADER_BYTES, writeHeader } from '../wire/header.ts';
import { avroNode, parseSchemaText } from './avro-node.ts';
import { avroType } from './avro-type.ts';
import { checkDecimals } from './decimal-changes.ts';
import { naturalReader } from './natural-reader.ts';
import { naturalWriter } from './natural-writer.ts';
import { refusedBy } from '../mapping/refused.ts';
import { structReader } from './struct-reader.ts';
import { structToAvro } from './struct-to-avro.ts';
import { avroStructWriter } from './struct-writer.ts';

/** Where values are written before they are copied; most of them fit. */
const SCRATCH_BYTES = 64 * 1024;

type Resolver = ReturnType<Type['createResolver']>;

const referred = (schemas: readonly RegisteredSchema[]): unknown[] =>
  schemas.map(({ schema, name }) => parseSchemaText(schema, `the schema of ${name}`));

/** Avro, read and written as a struct. */
export function avroOfStruct<T>(schema: Schema<T>, recordName: string): Kind<T> {
  const struct = structOf(schema, 'registry.avro()');
  const own = structToAvro(schema, recordName);
  return {
    ...common(`avro of ${schema.describe}`, recordName),
    schema: () => ({ schemaType: 'AVRO', schema: JSON.stringify(own), references: [] }),
    // What the generated functions return is what `schema` says.
    reader: (written) => readStruct(written, struct) as Decode<T>,
    writer: (_, id) =>
      encoderOf(avroType(own), id, avroStructWriter(struct) as (value: T) => unknown, (value, error) =>
        refusedBy(schema, value, error),
      ),
  };
}

/** Avro by a schema of the program's own, or, without one, as it was written. */
export function avroOfSchema<T>(given: unknown, references: readonly SchemaReference[], recordName: string): Kind<T> {
  return {
    ...common(given === undefined ? 'avro as it was written' : `avro of ${recordName}`, recordName),
    schema() {
      if (given !== undefined) return { schemaType: 'AVRO', schema: JSON.stringify(given), references };
      throw new MillraceError('OPTION_INVALID', {
        message: 'registry.avro() without a schema reads only; to write, give it a struct or an Avro schema.',
      });
    },
    reader: (written, own) => readSchema(written, given, own) as Decode<T>,
    writer(schema, id) {
      const others = referred(schema.resolved);
      const parsed = parseSchemaText(schema.schema, 'the schema');
      const type = avroType(parsed, others);
      return encoderOf(type, id, naturalWriter(avroNode(parsed, others)), (_, error) => unfit(error));
    },
  };
}

const common = (name: string, recordName: string) => ({ schemaType: 'AVRO', name, recordName, explain }) as const;

function readStruct(written: ResolvedSchema, struct: StructDefinition): Decode<unknown> {
  const others = referred(written.resolved);
  const schema = parseSchemaText(written.schema, 'the schema');
  const type = avroType(schema, others);
  const node = avroNode(schema, others);
  return decoderOf(skipping(schema, others, struct, type), structReader(node, struct));
}

/** How avsc reads: as it was written, or as another type. */
interface Reading {
  readonly type: Type;
  readonly resolver?: Resolver;
}

/** Lets avsc leap over fields that the struct does not have, unless there are none, or others are defined inside of them. */
function skipping(schema: unknown, others: readonly unknown[], struct: StructDefinition, type: Type): Reading {
  const { fields } = schema as { readonly fields?: readonly { readonly name: string }[] };
  const wanted = fields?.filter(({ name }) => struct.fields.some((field) => field.name === name));
  if (fields === undefined || wanted === undefined || wanted.length === fields.length) return { type };
  try {
    const some = avroType({ ...(schema as object), fields: wanted }, others);
    return { type: some, resolver: some.createResolver(type) };
  } catch {
    return { type }; // everything is read, then
  }
}

function readSchema(written: ResolvedSchema, given: unknown, own: readonly RegisteredSchema[]): Decode<unknown> {
  const writtenReferences = referred(written.resolved);
  const schema = parseSchemaText(written.schema, 'the schema');
  const type = avroType(schema, writtenReferences);
  const node = avroNode(schema, writtenReferences);
  if (given === undefined) return decoderOf({ type }, naturalReader(node));
  const ownReferences = referred(own);
  const wantedNode = avroNode(given, ownReferences);
  checkDecimals(node, wantedNode);
  const wanted = avroType(given, ownReferences);
  try {
    return decoderOf({ type: wanted, resolver: wanted.createResolver(type) }, naturalReader(wantedNode));
  } catch (cause) {
    throw new MillraceError('SCHEMA_INVALID', {
      message: `what was written cannot be read by the program's Avro schema: ${messageOf(cause)}`,
      cause,
    });
  }
}

function decoderOf({ type, resolver }: Reading, convert: (value: unknown) => unknown): Decode<unknown> {
  return (bytes) => {
    try {
      const { value, offset } = type.decode(bytes, HEADER_BYTES, resolver) as { value: unknown; offset: number };
      if (offset < 0) throw malformed('the value ends too early for its schema');
      if (offset !== bytes.length) throw malformed(`${bytes.length - offset} bytes are left over behind the value`);
      return convert(value);
    } catch (error) {
      throw unreadable(error);
    }
  };
}

function encoderOf<T>(
  type: Type,
  id: number,
  convert: (value: T) => unknown,
  refuse: (value: T, error: unknown) => MillraceError,
): Encode<T> {
  let scratch = Buffer.allocUnsafe(SCRATCH_BYTES);
  return (value) => {
    try {
      const raw = convert(value);
      let end = type.encode(raw, scratch, HEADER_BYTES);
      if (end < 0) {
        scratch = Buffer.allocUnsafe((scratch.length - end) * 2);
        end = type.encode(raw, scratch, HEADER_BYTES);
      }
      writeHeader(scratch, id);
      return Buffer.from(scratch.subarray(0, end)); // a copy: the next value overwrites it
    } catch (error) {
      throw refuse(value, error);
    }
  };
}

const unfit = (error: unknown): MillraceError =>
  error instanceof MillraceError ? error : malformed(`cannot encode: ${messageOf(error)}`);

/** What avsc finds when the newest version is to be read by the next one, or the other way round. */
function explain(newest: ResolvedSchema, next: ResolvedSchema): string | undefined {
  const [old, young] = [newest, next].map(({ schema, resolved }) =>
    avroType(parseSchemaText(schema, 'the schema'), referred(resolved)),
  ) as [Type, Type];
  const problem = (reader: Type, writer: Type): string | undefined => {
    try {
      reader.createResolver(writer);
      return undefined;
    } catch (error) {
      return messageOf(error);
    }
  };
  const backward = problem(young, old);
  if (backward !== undefined) return `the new schema cannot read what was written with the old one (${backward})`;
  const forward = problem(old, young);
  return forward && `the old schema cannot read what is written with the new one (${forward})`;
}
