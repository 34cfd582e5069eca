import { decimalFrom, notReadable, zonedTimestampReader } from './struct-values.ts';
import type { SchemaDefinition, StructDefinition } from '../mapping/definition.ts';
import { FunctionSource } from '../mapping/function-source.ts';
import { wrongField } from '../mapping/malformed.ts';
import { structSource } from '../mapping/struct-source.ts';
import { itemOf, unmappable } from '../mapping/unmappable.ts';
import type { AvroNode, AvroRecord } from './avro-node.ts';
import { naturalReader } from './natural-reader.ts';
import { JSON_NAME, unitsPerMs, ZONED_TIMESTAMP } from './time-unit.ts';

/**
 * A function that makes values of a struct of what avsc reads by the schema of whoever wrote them. Fields that the struct does not
 * have are dropped; those that the writer does not have are absent if they are optional.
 *
 * @throws MillraceError `SCHEMA_INVALID` naming the field that cannot be read
 */
export function structReader(node: AvroNode, struct: StructDefinition): (value: unknown) => unknown {
  const source = new FunctionSource();
  return source.compile(emit(source, node, struct, 'value', ''));
}

/** Adds what makes a value of `wanted` of the variable `raw`; its expression. */
function emit(source: FunctionSource, node: AvroNode, wanted: SchemaDefinition, raw: string, path: string): string {
  if (wanted.kind === 'optional') {
    const value = source.variable();
    source.add(`let ${value};`);
    source.add(`if (${raw} !== null) {`);
    source.add(`${value} = ${emit(source, withoutNull(node), wanted.item, raw, path)};`);
    source.add('}');
    return value;
  }
  if (node.kind === 'union') {
    if (node.branches.some(({ kind }) => kind === 'null'))
      source.add(`if (${raw} === null) throw ${source.use(isNull(path))}();`);
    const some = withoutNull(node);
    return some.kind === 'union'
      ? emitUnion(source, some.branches, wanted, raw, path)
      : emit(source, some, wanted, raw, path);
  }
  return emitBranch(source, node, wanted, raw, path);
}

function emitBranch(
  source: FunctionSource,
  node: AvroNode,
  wanted: Exclude<SchemaDefinition, { readonly kind: 'optional' }>,
  raw: string,
  path: string,
): string {
  switch (wanted.kind) {
    case 'string':
    case 'int':
    case 'boolean':
      if (isSame(node, wanted.kind)) return raw;
      break;
    case 'double':
      if (node.kind === 'int' || node.kind === 'long') return raw;
      if (node.kind !== 'float' && node.kind !== 'double') break;
      source.add(`if (${raw} - ${raw} !== 0) throw ${source.use(wrong(path, 'is no finite number', 'one'))}();`);
      return raw;
    case 'timestamp': {
      if (node.kind === 'string' && node.connectName === ZONED_TIMESTAMP)
        return `${source.use(zonedTimestampReader(path))}(${raw})`;
      const units = node.kind === 'long' ? unitsPerMs(node) : undefined;
      if (units === undefined) break;
      return units === 1 ? raw : `Math.floor(${raw} / ${units})`;
    }
    case 'decimal':
      return `${source.use(decimalFrom(node, wanted, path))}(${raw})`;
    case 'json':
      return emitJson(source, node, raw, path);
    case 'array':
      if (node.kind === 'array') return emitArray(source, node.items, wanted.item, raw, path);
      break;
    case 'struct':
      if (node.kind === 'record') return emitRecord(source, node, wanted, raw, path);
      break;
    default:
      return wanted;
  }
  throw notReadable(node, wanted.kind, path);
}

function emitRecord(
  source: FunctionSource,
  node: AvroRecord,
  struct: StructDefinition,
  raw: string,
  path: string,
): string {
  return structSource(source, struct, path, (name, schema, at) => {
    const field = node.fields.find((one) => one.name === name);
    if (field !== undefined) {
      const value = source.variable();
      source.add(`const ${value} = ${raw}.${name};`);
      return emit(source, field.node, schema, value, at);
    }
    if (schema.kind === 'optional') return undefined;
    throw unmappable(at, `record ${node.name}, as it was written, has no such field`, 'Make it optional().');
  });
}

function emitArray(
  source: FunctionSource,
  items: AvroNode,
  wanted: SchemaDefinition,
  raw: string,
  path: string,
): string {
  const [into, index, item] = [source.variable(), source.variable(), source.variable()];
  source.add(`const ${into} = new Array(${raw}.length);`);
  source.add(`for (let ${index} = 0; ${index} < ${raw}.length; ${index}++) {`);
  source.add(`const ${item} = ${raw}[${index}];`);
  source.add(`${into}[${index}] = ${emit(source, items, wanted, item, itemOf(path))};`);
  source.add('}');
  return into;
}

/** Any value may be read as json(): text that is named JSON is parsed, others come as they are. */
function emitJson(source: FunctionSource, node: AvroNode, raw: string, path: string): string {
  const parsed: AvroNode = node.kind === 'string' ? { kind: 'string', connectName: JSON_NAME } : node;
  return `${source.use(naturalReader(parsed, path))}(${raw})`;
}

/** Unions of several types are read where every one of them comes as the value that is wanted. */
function emitUnion(
  source: FunctionSource,
  branches: readonly AvroNode[],
  wanted: SchemaDefinition,
  raw: string,
  path: string,
): string {
  if (branches.every((branch) => isSame(branch, wanted.kind)) && branches.length > 0)
    return `${source.use(unwrapped)}(${raw})`;
  const kinds = branches.map(({ kind }) => kind).join(', ');
  throw unmappable(path, `it was written as a union of ${kinds}`, 'Read it by registry.avro() without a struct.');
}

/** avsc wraps the values of a union that could be mistaken for one another, such as text and enums: `{ [type]: value }`. */
const unwrapped = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.values(value)[0] : value;

function isSame(node: AvroNode, wanted: SchemaDefinition['kind']): boolean {
  if (wanted === 'string') return node.kind === 'string' || node.kind === 'enum';
  if (wanted === 'int') return node.kind === 'int' || node.kind === 'long';
  return wanted === 'boolean' && node.kind === 'boolean';
}

function withoutNull(node: AvroNode): AvroNode {
  if (node.kind !== 'union') return node;
  const branches = node.branches.filter(({ kind }) => kind !== 'null');
  const [only] = branches;
  return only !== undefined && branches.length === 1 ? only : { kind: 'union', branches };
}

const wrong = (path: string, actual: string, expected: string) => () => wrongField(path, actual, expected);

const isNull = (path: string) => wrong(path, 'is null', 'there (or optional() in the struct)');
