import type { Buffer } from 'node:buffer';
import type protobuf from 'protobufjs';
import { unscaledOf } from '../mapping/decimal-bytes.ts';
import { decimalReader, decimalTextReader, describeDecimal } from '../mapping/decimal-value.ts';
import type { DecimalDefinition, SchemaDefinition, StructDefinition } from '../mapping/definition.ts';
import { FunctionSource } from '../mapping/function-source.ts';
import { wrongField } from '../mapping/malformed.ts';
import { structSource } from '../mapping/struct-source.ts';
import { itemOf, unmappable } from '../mapping/unmappable.ts';
import {
  DECIMAL,
  enumReader,
  isEnum,
  longReader,
  messageIn,
  numbersOf,
  timeReader,
  TIMESTAMP,
} from './field-values.ts';
import { fieldReader, messageReader } from './natural-reader.ts';

/**
 * A function that makes values of a struct of messages as they were written, field by field by its name. Fields that the struct does
 * not have are dropped; those that the message does not have are absent if they are optional.
 *
 * @throws MillraceError `SCHEMA_INVALID` naming the field that cannot be read
 */
export function structReader(type: protobuf.Type, struct: StructDefinition): (message: unknown) => unknown {
  const source = new FunctionSource();
  return source.compile(emitMessage(source, type, struct, 'value', ''));
}

function emitMessage(
  source: FunctionSource,
  type: protobuf.Type,
  struct: StructDefinition,
  raw: string,
  path: string,
): string {
  return structSource(source, struct, path, (name, schema, at) => {
    const field = Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;
    if (field !== undefined) return emitField(source, field.resolve(), schema, `${raw}.${name}`, at, raw);
    if (schema.kind === 'optional') return undefined;
    throw unmappable(
      at,
      `message ${type.fullName.slice(1)}, as it was written, has no such field`,
      'Make it optional().',
    );
  });
}

function emitField(
  source: FunctionSource,
  field: protobuf.Field,
  schema: SchemaDefinition,
  access: string,
  path: string,
  message: string,
): string {
  if (schema.kind === 'optional') {
    if (!field.hasPresence) return emitField(source, field, schema.item, access, path, message);
    const value = source.variable();
    source.add(`let ${value};`);
    source.add(`if (${isSet(source, field, message)}) {`);
    source.add(`${value} = ${emitOne(source, field, schema.item, access, path)};`);
    source.add('}');
    return value;
  }
  if (field.map) {
    if (schema.kind !== 'json') throw notReadable(field, schema.kind, path);
    return `${source.use(fieldReader(field, path))}(${access})`;
  }
  if (field.repeated) return emitList(source, field, schema, access, path);
  if (messageIn(field) !== undefined && schema.kind !== 'json')
    source.add(`if (!(${isSet(source, field, message)})) throw ${source.use(missing(path))}();`);
  return emitOne(source, field, schema, access, path);
}

const isOwn = (message: object, name: string): boolean => Object.hasOwn(message, name);

/** What is not set has a default, which stands in the prototype. */
const isSet = (source: FunctionSource, field: protobuf.Field, message: string): string =>
  `${source.use(isOwn)}(${message}, '${field.name}') && ${message}.${field.name} !== null`;

function emitList(
  source: FunctionSource,
  field: protobuf.Field,
  schema: SchemaDefinition,
  access: string,
  path: string,
): string {
  if (schema.kind === 'json') return `${source.use(fieldReader(field, path))}(${access})`;
  if (schema.kind !== 'array') throw notReadable(field, schema.kind, path);
  const [from, into, index, item] = [source.variable(), source.variable(), source.variable(), source.variable()];
  source.add(`const ${from} = ${access};`);
  source.add(`const ${into} = new Array(${from}.length);`);
  source.add(`for (let ${index} = 0; ${index} < ${from}.length; ${index}++) {`);
  source.add(`const ${item} = ${from}[${index}];`);
  source.add(`${into}[${index}] = ${emitOne(source, field, schema.item, item, itemOf(path))};`);
  source.add('}');
  return into;
}

/** One value of a field, which is there. */
function emitOne(
  source: FunctionSource,
  field: protobuf.Field,
  schema: SchemaDefinition,
  raw: string,
  path: string,
): string {
  const message = messageIn(field);
  switch (schema.kind) {
    case 'string':
      if (field.type === 'string') return raw;
      if (isEnum(field)) return `${source.use(enumReader(field, path))}(${raw})`;
      break;
    case 'int':
      if (numbersOf(field) === 'int') return raw;
      if (numbersOf(field) === 'long') return `${source.use(longReader(field, path))}(${raw})`;
      break;
    case 'double':
      if (numbersOf(field) === 'int') return raw;
      if (numbersOf(field) === 'long') return `${source.use(longReader(field, path))}(${raw})`;
      if (numbersOf(field) !== 'float') break;
      source.add(
        `if (${raw} - ${raw} !== 0) throw ${source.use(() => wrongField(path, 'is no finite number', 'one'))}();`,
      );
      return raw;
    case 'boolean':
      if (field.type === 'bool') return raw;
      break;
    case 'timestamp':
      if (message?.fullName === TIMESTAMP) return `${source.use(timeReader(path))}(${raw})`;
      break;
    case 'decimal':
      if (field.type === 'string') return `${source.use(decimalOfText(schema, path))}(${raw})`;
      if (message?.fullName === DECIMAL) return `${source.use(decimalOfMessage(schema, path))}(${raw})`;
      break;
    case 'json':
      if (field.type === 'string') return `${source.use(jsonReader(path))}(${raw})`;
      if (message !== undefined) return `${source.use(messageReader(message, path))}(${raw})`;
      break;
    case 'struct':
      if (message === undefined) break;
      {
        const value = source.variable();
        source.add(`const ${value} = ${raw};`);
        return emitMessage(source, message, schema, value, path);
      }
    case 'array':
    case 'optional':
      break;
    default:
      return schema;
  }
  throw notReadable(field, schema.kind, path);
}

function decimalOfText(wanted: DecimalDefinition, path: string): (text: string) => number | bigint {
  const read = decimalTextReader(wanted);
  return (text) => {
    const value = read(text);
    if (value === undefined) throw wrongField(path, `is ${JSON.stringify(text.slice(0, 80))}`, describeDecimal(wanted));
    return value;
  };
}

interface DecimalMessage {
  readonly value: Buffer;
  readonly scale: number;
}

function decimalOfMessage(wanted: DecimalDefinition, path: string): (message: DecimalMessage) => number | bigint {
  const byScale = new Map<number, ReturnType<typeof decimalReader>>();
  return ({ value, scale }) => {
    let read = byScale.get(scale);
    // A scale is a property of each value here; a finer one would have to be rounded.
    if (read === undefined && scale >= 0 && scale <= wanted.scale)
      byScale.set(scale, (read = decimalReader(wanted, scale)));
    const decimal = read?.(unscaledOf(value));
    if (decimal === undefined) throw wrongField(path, `(of scale ${scale}) does not fit`, describeDecimal(wanted));
    return decimal;
  };
}

const jsonReader = (path: string) => (text: string) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw wrongField(path, 'is no JSON text', 'JSON');
  }
};

const missing = (path: string) => () => wrongField(path, 'is not set', 'there (or optional() in the struct)');

function notReadable(field: protobuf.Field, kind: string, path: string): Error {
  const written = `${field.map ? 'map of ' : field.repeated ? 'repeated ' : ''}${field.type}`;
  return unmappable(path, `it was written as ${written}, which is not read as ${kind}`, 'Correct the struct.');
}
