import type protobuf from 'protobufjs';
import { wrongField } from '../mapping/malformed.ts';
import { fieldOf, itemOf } from '../mapping/unmappable.ts';
import { isEnum, messageIn, numbersOf, rangeOf, TIMESTAMP, timestampOf } from './field-values.ts';

type Convert<T = unknown> = (value: T) => unknown;

/** The way back of `messageReader`: makes of plain objects what protobufjs writes. */
export function messageWriter<T>(type: protobuf.Type): Convert<T> {
  return writerOf(type, '', new Map()) as Convert<T>; // of whatever the program calls a value
}

function writerOf(type: protobuf.Type, path: string, known: Map<protobuf.Type, Convert>): Convert {
  if (type.fullName === TIMESTAMP)
    return (value) => timestampOf(checked(value, Number.isSafeInteger, path, 'epoch milliseconds') as number);
  const made = known.get(type);
  if (made !== undefined) return made;
  const fields: { readonly name: string; readonly convert: Convert }[] = [];
  const convert: Convert = (value) => {
    checked(value, isObject, path, 'an object');
    const into: Record<string, unknown> = {};
    for (const { name, convert: field } of fields) {
      const one = (value as Record<string, unknown>)[name];
      if (one !== undefined && one !== null) into[name] = field(one);
    }
    return into;
  };
  known.set(type, convert);
  for (const field of type.fieldsArray)
    fields.push({ name: field.name, convert: fieldWriter(field.resolve(), fieldOf(path, field.name), known) });
  return convert;
}

function fieldWriter(field: protobuf.Field, path: string, known: Map<protobuf.Type, Convert>): Convert {
  const one = oneOf(field, field.repeated || field.map ? itemOf(path) : path, known);
  if (field.repeated) return (value) => (checked(value, Array.isArray, path, 'an array') as unknown[]).map(one);
  if (!field.map) return one;
  return (value) =>
    Object.fromEntries(
      Object.entries(checked(value, isObject, path, 'an object') as object).map(([key, item]) => [key, one(item)]),
    );
}

function oneOf(field: protobuf.Field, path: string, known: Map<protobuf.Type, Convert>): Convert {
  const message = messageIn(field);
  if (message !== undefined) return writerOf(message, path, known);
  if (isEnum(field)) {
    const { values } = field.resolvedType as protobuf.Enum;
    const names = Object.keys(values);
    return (value) =>
      values[checked(value, (one) => names.includes(String(one)), path, `one of ${names.join(', ')}`) as string];
  }
  const numbers = numbersOf(field);
  if (numbers === 'float') return (value) => checked(value, (one) => typeof one === 'number', path, 'a number');
  if (numbers !== undefined) return wholeNumber(field, path);
  if (field.type === 'bool') return (value) => checked(value, (one) => typeof one === 'boolean', path, 'a boolean');
  if (field.type === 'bytes') return (value) => checked(value, (one) => one instanceof Uint8Array, path, 'bytes');
  return (value) => checked(value, (one) => typeof one === 'string', path, 'text');
}

/** What does not fit would be written as another number. */
function wholeNumber(field: protobuf.Field, path: string): Convert {
  const [least, most] = rangeOf(field);
  const good = (value: unknown): boolean =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  return (value) => checked(value, good, path, `a whole number from ${least} to ${most} (${field.type})`);
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

function checked(value: unknown, good: (value: unknown) => boolean, path: string, expected: string): unknown {
  if (good(value)) return value;
  throw wrongField(path, `is ${typeof value === 'object' ? 'an object' : String(value)}`, expected);
}
