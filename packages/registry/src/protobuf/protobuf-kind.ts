import { Buffer } from 'node:buffer';
import { MillraceError, messageOf, type Schema } from 'millrace';
import protobuf from 'protobufjs';
import type { ResolvedSchema, SchemaReference } from '../client/registered-schema.ts';
import type { Decode, Encode, Kind } from '../format/kind.ts';
import { structOf } from '../mapping/definition.ts';
import { malformed, unreadable } from '../mapping/malformed.ts';
import { refusedBy } from '../mapping/refused.ts';
import { HEADER_BYTES, writeHeader } from '../wire/header.ts';
import { readIndexes, writeIndexes } from '../wire/message-indexes.ts';
import { messageReader } from './natural-reader.ts';
import { messageWriter } from './natural-writer.ts';
import { protoFile, type ProtoFile } from './proto-file.ts';
import { structReader } from './struct-reader.ts';
import { structToProto } from './struct-to-proto.ts';
import { protoStructWriter } from './struct-writer.ts';

/** Protobuf, read and written as a struct. */
export function protobufOfStruct<T>(schema: Schema<T>, recordName: string): Kind<T> {
  const struct = structOf(schema, 'registry.protobuf()');
  structToProto(schema, recordName); // says at once what cannot be written
  return {
    ...common(`protobuf of ${schema.describe}`, recordName),
    schema(newest) {
      const before = newest && protoFile(newest.schema, newest.resolved).find(recordName)?.type;
      return { schemaType: 'PROTOBUF', schema: structToProto(schema, recordName, before), references: [] };
    },
    reader(written) {
      const file = protoFile(written.schema, written.resolved);
      // What the generated functions return is what `schema` says.
      return decoderOf(file, (type) => ({ type, convert: structReader(type, struct) })) as Decode<T>;
    },
    writer: (written, id) =>
      encoderOf(
        written,
        recordName,
        id,
        () => protoStructWriter(struct) as (value: T) => object,
        (value, error) => refusedBy(schema, value, error),
      ),
  };
}

/** Protobuf by a .proto file of the program's own, or, without one, as it was written. */
export function protobufOfSchema<T>(
  text: string | undefined,
  references: readonly SchemaReference[],
  message: string | undefined,
): Kind<T> {
  const recordName = text === undefined ? (message ?? 'Value') : nameIn(text, message);
  return {
    ...common(text === undefined ? 'protobuf as it was written' : `protobuf of ${recordName}`, recordName),
    schema() {
      if (text !== undefined) return { schemaType: 'PROTOBUF', schema: text, references };
      throw new MillraceError('OPTION_INVALID', {
        message:
          'registry.protobuf() without a schema reads only; to write, give it a struct or the text of a .proto file.',
      });
    },
    reader(written, own) {
      const wanted = text === undefined ? undefined : protoFile(text, own).find(recordName)?.type;
      const file = protoFile(written.schema, written.resolved);
      return decoderOf(file, (type) => {
        if (wanted !== undefined && type.name !== wanted.name)
          throw malformed(`the value is a message ${type.name}, not ${wanted.name}`);
        // By the numbers of the program's own file, as Protobuf has it.
        return { type: wanted ?? type, convert: messageReader(wanted ?? type) };
      }) as Decode<T>;
    },
    writer: (written, id) =>
      encoderOf(
        written,
        recordName,
        id,
        (type) => messageWriter<T>(type) as (value: T) => object,
        (_, error) => (error instanceof MillraceError ? error : malformed(`cannot encode: ${messageOf(error)}`)),
      ),
  };
}

const common = (name: string, recordName: string) =>
  ({
    schemaType: 'PROTOBUF',
    name,
    recordName,
    explain: (old: ResolvedSchema, next: ResolvedSchema) => explain(old, next, recordName),
  }) as const;

/** Full name of the message that is written; what the file imports is not needed for it. */
function nameIn(text: string, message: string | undefined): string {
  let parsed: protobuf.IParserResult;
  try {
    parsed = protobuf.parse(text, new protobuf.Root(), { keepCase: true });
  } catch (cause) {
    throw new MillraceError('SCHEMA_INVALID', { message: `the .proto schema is wrong: ${messageOf(cause)}`, cause });
  }
  const names: string[] = [];
  const visit = (space: protobuf.NamespaceBase): void => {
    for (const one of space.nestedArray) {
      if (one instanceof protobuf.Type) names.push(one.fullName.slice(1));
      if (one instanceof protobuf.Namespace) visit(one);
    }
  };
  visit(parsed.root);
  const found = names.find((name) => message === undefined || name === message || name.endsWith(`.${message}`));
  if (found !== undefined) return found;
  throw new MillraceError('OPTION_INVALID', {
    message:
      `name of registry.protobuf() is ${JSON.stringify(message)}, ` +
      `but must be a message of the schema: ${names.join(', ') || 'it has none'}.`,
  });
}

interface Reading {
  readonly type: protobuf.Type;
  readonly convert: (message: unknown) => unknown;
}

/** A file may hold several messages; those that come are remembered by where they stand in it. */
function decoderOf(file: ProtoFile, readingOf: (type: protobuf.Type) => Reading): Decode<unknown> {
  const known = new Map<string, Reading | Error>();
  const first = tryReading(() => file.at([0]), readingOf);
  return (bytes) => {
    try {
      const indexes = bytes[HEADER_BYTES] === 0 ? undefined : readIndexes(bytes, HEADER_BYTES);
      if (indexes === undefined && bytes[HEADER_BYTES] !== 0) throw malformed('the value has no message indexes');
      let reading: Reading | Error | undefined = first;
      if (indexes !== undefined) {
        const key = indexes.path.join('.');
        reading = known.get(key);
        if (reading === undefined) known.set(key, (reading = tryReading(() => file.at(indexes.path), readingOf)));
      }
      if (reading === undefined || reading instanceof Error) throw reading;
      const reader = protobuf.Reader.create(bytes);
      reader.pos = indexes === undefined ? HEADER_BYTES + 1 : indexes.next;
      return reading.convert(reading.type.decode(reader));
    } catch (error) {
      throw unreadable(error);
    }
  };
}

function tryReading(
  typeAt: () => protobuf.Type | undefined,
  readingOf: (type: protobuf.Type) => Reading,
): Reading | Error {
  try {
    const type = typeAt();
    return type === undefined ? malformed('its schema has no message at these indexes') : readingOf(type);
  } catch (error) {
    return error instanceof MillraceError ? malformed(error.message) : unreadable(error);
  }
}

function encoderOf<T>(
  { schema, resolved }: ResolvedSchema,
  recordName: string,
  id: number,
  convertOf: (type: protobuf.Type) => (value: T) => object,
  refuse: (value: T, error: unknown) => MillraceError,
): Encode<T> {
  const found = protoFile(schema, resolved).find(recordName);
  if (found === undefined)
    throw new MillraceError('SCHEMA_INVALID', { message: `the .proto schema has no message ${recordName}.` });
  const { type, path } = found;
  const convert = convertOf(type);
  const indexes = writeIndexes(path);
  const from = HEADER_BYTES + indexes.length;
  return (value) => {
    try {
      const body = type.encode(convert(value)).finish();
      const bytes = Buffer.allocUnsafe(from + body.length);
      writeHeader(bytes, id);
      bytes.set(indexes, HEADER_BYTES);
      bytes.set(body, from);
      return bytes;
    } catch (error) {
      throw refuse(value, error);
    }
  };
}

/** Fields whose numbers or types changed. */
function explain(old: ResolvedSchema, next: ResolvedSchema, recordName: string): string | undefined {
  const [before, after] = [old, next].map(({ schema, resolved }) => protoFile(schema, resolved).find(recordName)?.type);
  if (before === undefined || after === undefined) return `the newest version has no message ${recordName}`;
  const changes = before.fieldsArray.flatMap((field) => {
    const now = after.fieldsById[field.id];
    if (now === undefined) return [`field ${field.name} (${field.id}) is gone`];
    if (now.type !== field.type) return [`field ${field.name} (${field.id}) was ${field.type} and is ${now.type}`];
    return now.repeated === field.repeated
      ? []
      : [`field ${field.name} (${field.id}) changed between one and repeated`];
  });
  return changes.length === 0 ? undefined : changes.join('; ');
}
