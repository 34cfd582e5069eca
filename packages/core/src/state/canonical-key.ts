import { MillraceError } from '../errors/index.ts';

/** Deeper keys are refused: nobody groups by them on purpose, and a circle would never end. */
const MAX_DEPTH = 32;

/**
 * The objects that stand for structured keys, by canonical text, as long as anybody holds them: state that has the key,
 * or a record on its way. So two equal keys are the same object, a Map can compare them, and the table never leaks.
 */
const interned = new Map<string, WeakRef<object>>();
const cleaner = new FinalizationRegistry<string>((text) => {
  // The key may have come back meanwhile, as another object.
  if (interned.get(text)?.deref() === undefined) interned.delete(text);
});

/**
 * The value that stands for `key` wherever keys are compared, as a Map compares them: text, numbers, bigints and booleans
 * are compared by value already (NaN is one key, -0 and 0 are the same one). Of equal tuples and plain objects, in which
 * the order of fields makes no difference, there is exactly one object: a frozen copy with sorted fields.
 *
 * @throws {MillraceError} `RECORD_KEY` for anything that cannot be compared by value; names the path within the key
 */
export function canonicalKey(key: unknown): unknown {
  if (typeof key === 'string' || typeof key === 'boolean' || typeof key === 'bigint') return key;
  // -0 becomes 0.
  if (typeof key === 'number') return key + 0;
  if (typeof key !== 'object' || key === null) throw incomparable('the key', key);
  const text = textOf(key, 'the key', 0);
  const known = interned.get(text)?.deref();
  if (known !== undefined) return known;
  const canonical = copyOf(key);
  interned.set(text, new WeakRef(canonical));
  cleaner.register(canonical, text);
  return canonical;
}

/** Text that is equal for equal keys and different for all others. */
function textOf(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return String(value + 0);
    case 'bigint':
      return `${value}n`;
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) throw incomparable(path, value);
      if (depth >= MAX_DEPTH) throw incomparable(path, value, `nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? textOfTuple(value, path, depth) : textOfObject(value, path, depth);
    default:
      throw incomparable(path, value);
  }
}

function textOfTuple(tuple: readonly unknown[], path: string, depth: number): string {
  if (Object.getPrototypeOf(tuple) !== Array.prototype) throw incomparable(path, tuple);
  if (Object.keys(tuple).length !== tuple.length)
    throw incomparable(path, tuple, 'an array with holes or further fields');
  return `[${tuple.map((item, i) => textOf(item, `${path}[${i}]`, depth + 1)).join(',')}]`;
}

function textOfObject(object: object, path: string, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype !== Object.prototype && prototype !== null) throw incomparable(path, object);
  if (Object.getOwnPropertySymbols(object).length > 0) throw incomparable(path, object, 'an object with symbol keys');
  const fields = sortedFields(object).map(([name, value]) => {
    return `${JSON.stringify(name)}:${textOf(value, `${path}.${name}`, depth + 1)}`;
  });
  return `{${fields.join(',')}}`;
}

function sortedFields(object: object): [string, unknown][] {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Frozen copy of what `textOf` took. */
function copyOf(value: object): object {
  const part = (item: unknown): unknown => {
    if (typeof item === 'object' && item !== null) return copyOf(item);
    return typeof item === 'number' ? item + 0 : item;
  };
  if (Array.isArray(value)) return Object.freeze(value.map(part));
  return Object.freeze(Object.fromEntries(sortedFields(value).map(([name, item]) => [name, part(item)])));
}

function incomparable(path: string, value: unknown, what: string = described(value)): MillraceError {
  return new MillraceError('RECORD_KEY', {
    message:
      `${path} is ${what}, which cannot be compared by value. ` +
      'Use text, a number, a bigint, a boolean, or a tuple or plain object of these as key.',
    fields: { path },
  });
}

function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `an instance of ${name}` : 'such an object';
}
