import type protobuf from 'protobufjs';
import { fieldOf, itemOf } from '../mapping/unmappable.ts';
import {
  enumReader,
  isEnum,
  longReader,
  mapKeyReader,
  messageIn,
  numbersOf,
  timeReader,
  TIMESTAMP,
} from './field-values.ts';

type Convert = (value: unknown) => unknown;

const same: Convert = (value) => value;

/**
 * Converts messages into plain objects without a struct: enums are names, 64-bit integers numbers, Timestamps epoch milliseconds, maps
 * objects. Fields that are not set are absent where Protobuf can tell, else have their default.
 */
export function messageReader(
  type: protobuf.Type,
  path: string = '',
  known = new Map<protobuf.Type, Convert>(),
): Convert {
  if (type.fullName === TIMESTAMP) return timeReader(path) as Convert; // of messages of this type only
  const made = known.get(type);
  if (made !== undefined) return made;
  const fields: { readonly name: string; readonly optional: boolean; readonly convert: Convert }[] = [];
  const convert: Convert = (value) => {
    const message = value as Record<string, unknown>; // what protobufjs made of a message
    const into: Record<string, unknown> = {};
    for (const field of fields) {
      const { name } = field;
      if (!field.optional || (Object.hasOwn(message, name) && message[name] !== null))
        into[name] = field.convert(message[name]);
    }
    return into;
  };
  known.set(type, convert);
  for (const field of type.fieldsArray)
    fields.push({
      name: field.name,
      optional: field.resolve().hasPresence,
      convert: fieldReader(field, fieldOf(path, field.name), known),
    });
  return convert;
}

/** Converts a whole field: a list, a map, or one value. */
export function fieldReader(field: protobuf.Field, path: string, known = new Map<protobuf.Type, Convert>()): Convert {
  const one = oneOf(field.resolve(), field.repeated || field.map ? itemOf(path) : path, known);
  if (field.repeated) return (value) => (value as unknown[]).map(one);
  if (!field.map) return one;
  const keyOf = mapKeyReader(field);
  return (value) => Object.fromEntries(Object.entries(value as object).map(([key, item]) => [keyOf(key), one(item)]));
}

function oneOf(field: protobuf.Field, path: string, known: Map<protobuf.Type, Convert>): Convert {
  const message = messageIn(field);
  if (message !== undefined) return messageReader(message, path, known);
  // Each converts what protobufjs gives for such a field.
  if (isEnum(field)) return enumReader(field, path) as Convert;
  return numbersOf(field) === 'long' ? (longReader(field, path) as Convert) : same;
}
