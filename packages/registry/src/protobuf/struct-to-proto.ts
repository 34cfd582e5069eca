import type { Schema } from 'millrace';
import type protobuf from 'protobufjs';
import { structOf, type SchemaDefinition, type StructDefinition } from '../mapping/definition.ts';
import { checkFieldName, fieldOf, itemOf, unmappable } from '../mapping/unmappable.ts';

/** Numbers that Protobuf keeps for itself. */
const RESERVED_FROM = 19_000;
const RESERVED_TO = 19_999;

/**
 * The .proto file of a struct: one message, structs inside of it as messages inside. `int` is an int64, `timestamp` a
 * google.protobuf.Timestamp, `decimal` text such as `12.30` (Protobuf has no exact decimals), `json` text, `array` repeated.
 *
 * Fields are numbered as they are declared, unless the message was written before: then they keep their numbers, wherever they stand, new
 * ones get numbers that were never used, and numbers and names of fields that are gone are reserved.
 *
 * @param name of the message, with its package: `com.shop.Order`
 * @param newest the message as it was written so far
 * @throws {MillraceError} `SCHEMA_INVALID` naming a field that has no counterpart: an array of optionals, of arrays, or an optional array
 * @example
 * structToProto(struct({ id: string(), cents: int() }), 'com.shop.Order');
 * // syntax = "proto3"; package com.shop; message Order { string id = 1; int64 cents = 2; }
 */
export function structToProto(schema: Schema<unknown>, name: string, newest?: protobuf.Type): string {
  const point = name.lastIndexOf('.');
  const body = messageOf(structOf(schema, name), name.slice(point + 1), '', newest, '');
  const head = ['syntax = "proto3";', ...(point < 0 ? [] : [`package ${name.slice(0, point)};`])];
  const text = body.join('\n');
  if (text.includes('google.protobuf.Timestamp')) head.push('import "google/protobuf/timestamp.proto";');
  return `${head.join('\n')}\n\n${text}\n`;
}

function messageOf(
  struct: StructDefinition,
  name: string,
  path: string,
  newest: protobuf.Type | undefined,
  indent: string,
): string[] {
  const inside: string[] = [];
  const { numberOf, gone } = numbering(struct, newest);
  const lines = struct.fields.map(({ name: field, schema }) => {
    const at = fieldOf(path, field);
    checkFieldName(field, at, 'Protobuf');
    const nested = (definition: StructDefinition): string => {
      const inner = `${field.charAt(0).toUpperCase()}${field.slice(1)}Value`;
      const before = newest?.get(inner) as protobuf.Type | null | undefined; // a message of ours has messages inside only
      inside.push(...messageOf(definition, inner, at, before ?? undefined, `${indent}  `));
      return inner;
    };
    return `${indent}  ${typeOf(schema, at, nested)} ${field} = ${numberOf(field)};`;
  });
  const reserved = [gone.numbers.join(', '), gone.names.map((one) => JSON.stringify(one)).join(', ')]
    .filter((list) => list !== '')
    .map((list) => `${indent}  reserved ${list};`);
  return [`${indent}message ${name} {`, ...reserved, ...lines, ...inside, `${indent}}`];
}

function typeOf(schema: SchemaDefinition, path: string, nested: (struct: StructDefinition) => string): string {
  switch (schema.kind) {
    case 'array':
      if (schema.item.kind === 'array' || schema.item.kind === 'optional')
        throw unmappable(path, `Protobuf has no list of ${schema.item.kind}s`, 'Put it into a struct({ ... }).');
      return `repeated ${oneOf(schema.item, itemOf(path), nested)}`;
    case 'optional':
      if (schema.item.kind === 'array' || schema.item.kind === 'optional')
        throw unmappable(path, `Protobuf has no optional ${schema.item.kind}`, 'An empty array() says the same.');
      return `optional ${oneOf(schema.item, path, nested)}`;
    default:
      return oneOf(schema, path, nested);
  }
}

function oneOf(schema: SchemaDefinition, path: string, nested: (struct: StructDefinition) => string): string {
  switch (schema.kind) {
    case 'string':
    case 'json':
    case 'decimal':
      return 'string';
    case 'int':
      return 'int64';
    case 'double':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    case 'struct':
      return nested(schema);
    case 'array':
    case 'optional':
      throw unmappable(path, `Protobuf has no list of ${schema.kind}s`, 'Put it into a struct({ ... }).');
    default:
      return schema;
  }
}

function numbering(struct: StructDefinition, newest: protobuf.Type | undefined) {
  const before = new Map((newest?.fieldsArray ?? []).map(({ name, id }) => [name, id]));
  const kept = new Set(struct.fields.map(({ name }) => name));
  const removed = [...before].filter(([name]) => !kept.has(name));
  const already = reservedIn(newest);
  const gone = {
    numbers: [...already.numbers, ...removed.map(([, id]) => id)].sort((a, b) => a - b),
    // A name that has come back is a field again, under another number.
    names: [...already.names, ...removed.map(([name]) => name)].filter((name) => !kept.has(name)),
  };
  let last = Math.max(0, ...before.values(), ...gone.numbers);
  const numbers = new Map<string, number>();
  for (const { name } of struct.fields) {
    const known = before.get(name);
    if (known === undefined) last = last + 1 === RESERVED_FROM ? RESERVED_TO + 1 : last + 1;
    numbers.set(name, known ?? last);
  }
  // Every field of the struct was numbered above.
  return { numberOf: (name: string): number => numbers.get(name) as number, gone };
}

/** What a message has set aside before. */
function reservedIn(type: protobuf.Type | undefined): {
  readonly numbers: readonly number[];
  readonly names: readonly string[];
} {
  const numbers: number[] = [];
  const names: string[] = [];
  for (const one of type?.reserved ?? []) {
    if (typeof one === 'string') names.push(one);
    else for (let id = one[0] ?? 0; id <= (one[1] ?? -1); id++) numbers.push(id);
  }
  return { numbers, names };
}
