import { decimalReader, describeDecimal } from '../mapping/decimal-value.ts';
import { unscaledOf } from '../mapping/decimal-bytes.ts';
import { wrongField } from '../mapping/malformed.ts';
import { fieldOf, itemOf } from '../mapping/unmappable.ts';
import type { Buffer } from 'node:buffer';
import type { AvroDecimal, AvroNode, AvroRecord } from './avro-node.ts';
import { JSON_NAME, unitsPerMs } from './time-unit.ts';

type Convert = (value: unknown) => unknown;

/** What avsc gives is what we give. */
const same: Convert = (value) => value;

/**
 * Converts what avsc reads into plain values without a struct: records are plain objects in which what is null is absent, decimals
 * integers in units of 10^-scale (numbers up to 15 digits, else bigints), timestamps epoch milliseconds, enums text, bytes bytes.
 * A value of a union of several types, where its own type does not tell which it is, is `{ [type]: value }`, as in Avro's JSON.
 */
export function naturalReader(node: AvroNode, path: string = '', known = new Map<AvroNode, Convert>()): Convert {
  switch (node.kind) {
    case 'bytes':
    case 'fixed':
      return node.decimal === undefined ? same : decimalOf(node.decimal, path);
    case 'int':
    case 'long':
      return timeOf(unitsPerMs(node));
    case 'string':
      return node.connectName === JSON_NAME ? (value) => jsonOf(value, path) : same;
    case 'array': {
      const item = naturalReader(node.items, itemOf(path), known);
      return item === same ? same : (value) => (value as unknown[]).map(item);
    }
    case 'map': {
      const item = naturalReader(node.values, itemOf(path), known);
      return (value) => Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, item(one)]));
    }
    case 'record':
      return recordOf(node, path, known);
    case 'union':
      return unionOf(node.branches, path, known);
    case 'null':
    case 'boolean':
    case 'float':
    case 'double':
    case 'enum':
      return same;
    default:
      return node;
  }
}

function recordOf(node: AvroRecord, path: string, known: Map<AvroNode, Convert>): Convert {
  const made = known.get(node);
  if (made !== undefined) return made;
  const fields: (readonly [string, Convert])[] = [];
  const convert: Convert = (value) => {
    const from = value as Record<string, unknown>; // what avsc made of a record
    const into: Record<string, unknown> = {};
    for (const [name, field] of fields) {
      const one = from[name];
      if (one !== null && one !== undefined) into[name] = field(one);
    }
    return into;
  };
  known.set(node, convert);
  for (const { name, node: field } of node.fields)
    fields.push([name, naturalReader(field, fieldOf(path, name), known)]);
  return convert;
}

function unionOf(branches: readonly AvroNode[], path: string, known: Map<AvroNode, Convert>): Convert {
  const types = branches.filter(({ kind }) => kind !== 'null');
  const converts = types.map((branch) => naturalReader(branch, path, known));
  const [only] = converts;
  if (only !== undefined && types.length === 1) return (value) => (value === null ? null : only(value));
  const byName = new Map(types.map((branch, i) => [branchName(branch), converts[i] as Convert]));
  return (value) => {
    if (typeof value !== 'object' || value === null) return value;
    const [[name, inner] = ['', undefined], ...others] = Object.entries(value);
    const convert = byName.get(name);
    // avsc wraps the values of a union only where they could be mistaken for one another.
    if (convert !== undefined && others.length === 0) return { [name]: convert(inner) };
    const at = types.findIndex((branch) => matches(branch, value));
    return at < 0 ? value : (converts[at] as Convert)(value);
  };
}

function matches(branch: AvroNode, value: object): boolean {
  if (branch.kind === 'array') return Array.isArray(value);
  if (branch.kind === 'bytes' || branch.kind === 'fixed') return value instanceof Uint8Array;
  return (branch.kind === 'record' || branch.kind === 'map') && !Array.isArray(value) && !(value instanceof Uint8Array);
}

const branchName = (node: AvroNode): string => ('name' in node ? node.name : node.kind);

function timeOf(units: number | undefined): Convert {
  if (units === undefined || units === 1) return same;
  return (value) => Math.floor((value as number) / units);
}

function decimalOf(decimal: AvroDecimal, path: string): Convert {
  const read = decimalReader({ kind: 'decimal', ...decimal }, decimal.scale);
  return (value) => {
    const read1 = read(unscaledOf(value as Buffer));
    if (read1 === undefined) throw wrongField(path, 'has too many digits', describeDecimal(decimal));
    return read1;
  };
}

function jsonOf(value: unknown, path: string): unknown {
  try {
    return JSON.parse(value as string) as unknown;
  } catch {
    throw wrongField(path, 'is no JSON text', 'JSON');
  }
}
