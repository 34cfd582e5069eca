import { Buffer } from 'node:buffer';
import { decimalBytes } from '../mapping/decimal-bytes.ts';
import { decimalCheck, describeDecimal } from '../mapping/decimal-value.ts';
import { wrongField } from '../mapping/malformed.ts';
import { fieldOf, itemOf } from '../mapping/unmappable.ts';
import type { AvroDecimal, AvroNode, AvroRecord } from './avro-node.ts';
import { JSON_NAME, unitsPerMs } from './time-unit.ts';

type Convert<T = unknown> = (value: T) => unknown;

/** The way back of `naturalReader`: makes of plain values what avsc writes. */
export function naturalWriter<T>(node: AvroNode): Convert<T> {
  return writerOf(node, '', new Map()) as Convert<T>; // of whatever the program calls a value
}

function writerOf(node: AvroNode, path: string, known: Map<AvroNode, Convert>): Convert {
  const typed = (type: string, good: (value: unknown) => boolean, convert: Convert = (value) => value): Convert => {
    return (value) => {
      if (good(value)) return convert(value);
      throw wrongField(path, `is ${shown(value)}`, type);
    };
  };
  switch (node.kind) {
    case 'null':
      return typed(
        'null',
        (value) => value === null || value === undefined,
        () => null,
      );
    case 'boolean':
      return typed('a boolean', (value) => typeof value === 'boolean');
    case 'int':
    case 'long': {
      const units = unitsPerMs(node) ?? 1;
      return typed('a whole number', Number.isSafeInteger, (value) => (value as number) * units);
    }
    case 'float':
    case 'double':
      return typed('a number', (value) => typeof value === 'number');
    case 'string':
      if (node.connectName === JSON_NAME) return (value) => JSON.stringify(value);
      return typed('text', (value) => typeof value === 'string');
    case 'enum':
      return typed(`one of ${node.symbols.join(', ')}`, (value) => node.symbols.includes(String(value)));
    case 'bytes':
    case 'fixed':
      return node.decimal === undefined
        ? typed(
            'bytes',
            (value) => value instanceof Uint8Array,
            (value) => Buffer.from(value as Uint8Array),
          )
        : decimalOf(node.decimal, node.kind === 'fixed' ? node.size : undefined, typed);
    case 'array': {
      const item = writerOf(node.items, itemOf(path), known);
      return typed('an array', Array.isArray, (value) => (value as unknown[]).map(item));
    }
    case 'map': {
      const item = writerOf(node.values, itemOf(path), known);
      return typed('an object', isObject, (value) =>
        Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, item(one)])),
      );
    }
    case 'record':
      return recordOf(node, path, known);
    case 'union':
      return unionOf(node.branches, path, known);
    default:
      return node;
  }
}

function recordOf(node: AvroRecord, path: string, known: Map<AvroNode, Convert>): Convert {
  const made = known.get(node);
  if (made !== undefined) return made;
  const fields: { readonly name: string; readonly convert: Convert; readonly hasDefault: boolean }[] = [];
  const convert: Convert = (value) => {
    if (!isObject(value)) throw wrongField(path, `is ${shown(value)}`, 'an object');
    const into: Record<string, unknown> = {};
    for (const { name, convert: field, hasDefault } of fields) {
      const one = (value as Record<string, unknown>)[name];
      // avsc writes the default of what is left out.
      if (one !== undefined || !hasDefault) into[name] = field(one);
    }
    return into;
  };
  known.set(node, convert);
  for (const { name, node: field, hasDefault } of node.fields)
    fields.push({ name, convert: writerOf(field, fieldOf(path, name), known), hasDefault });
  return convert;
}

function unionOf(branches: readonly AvroNode[], path: string, known: Map<AvroNode, Convert>): Convert {
  const types = branches.filter(({ kind }) => kind !== 'null');
  const nullable = types.length < branches.length;
  const converts = types.map((branch) => writerOf(branch, path, known));
  const [only] = converts;
  return (value) => {
    if (nullable && (value === null || value === undefined)) return null;
    if (only !== undefined && types.length === 1) return only(value);
    const [[name, inner] = ['', undefined]] = isObject(value) ? Object.entries(value as object) : [];
    const at = types.findIndex((branch) => ('name' in branch ? branch.name : branch.kind) === name);
    if (at >= 0) return { [name]: (converts[at] as Convert)(inner) };
    for (const convert of converts) {
      try {
        return convert(value);
      } catch {
        // The next type may take it.
      }
    }
    throw wrongField(path, `is ${shown(value)}`, `a value of ${types.map(({ kind }) => kind).join(', ')}`);
  };
}

function decimalOf(
  decimal: AvroDecimal,
  size: number | undefined,
  typed: (type: string, good: (value: unknown) => boolean, convert: Convert) => Convert,
): Convert {
  const check = decimalCheck({ kind: 'decimal', ...decimal });
  const expected = `an integer in units of 10^-${decimal.scale}: ${describeDecimal(decimal)}`;
  return typed(expected, check, (value) => {
    const bytes = decimalBytes(value as number | bigint);
    if (size === undefined) return bytes;
    // A fixed one has its size whatever the number: the sign is repeated.
    return Buffer.concat([Buffer.alloc(size - bytes.length, (bytes[0] as number) >= 0x80 ? 0xff : 0), bytes]);
  });
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'bigint' ? `${value}n` : String(value);
}
