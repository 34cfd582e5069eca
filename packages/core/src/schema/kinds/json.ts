import type { JsonValue } from '../../model/index.ts';
import { Codec, INVALID, type Finding } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { fieldPath, indexPath } from '../path.ts';
import { schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/** Levels of nesting. Deeper values (and cycles) are refused by name instead of overflowing the stack here or later. */
const DEPTH_MAX = 1000;

/**
 * Any JSON value, as `JSON.parse` gives it; not copied. At most 1000 levels deep.
 *
 * @example
 * struct({ extra: json() }).parse('{"extra":{"a":[1,null]}}').extra; // { a: [1, null] }
 */
export function json(): Schema<JsonValue> {
  return schemaOf({ kind: 'json' }, new JsonCodec('json', `a JSON value of at most ${DEPTH_MAX} levels`));
}

class JsonCodec extends Codec<JsonValue> {
  read(value: unknown): JsonValue | typeof INVALID {
    return isJson(value) ? value : INVALID;
  }

  write(value: unknown): string | undefined {
    return isJson(value) ? textOf(value) : undefined;
  }

  emit(source: DecoderSource, raw: string): string {
    source.failIf(`!${source.use('isJson', isJson)}(${raw})`);
    return raw;
  }

  override explain(value: unknown, path: string): Finding {
    return findNonJson(value, path, 0) ?? { path, value, expected: this.expectedInput };
  }
}

function isJson(value: unknown): value is JsonValue {
  return fitsJson(value, 0);
}

function fitsJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === DEPTH_MAX) return false;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (!fitsJson(value[i], depth + 1)) return false;
    return true;
  }
  if (!isPlain(value)) return false;
  for (const name of Object.keys(value)) {
    if (!fitsJson(value[name], depth + 1)) return false;
  }
  return true;
}

/** Objects as literals and `JSON.parse` make them (of any realm); a Date or a Map would not come back as it was. */
function isPlain(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** `JSON.stringify`, except that -0 stays -0. */
function textOf(value: JsonValue): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) text += `${i === 0 ? '' : ','}${textOf(value[i])}`;
    return `[${text}]`;
  }
  const object = value as { readonly [key: string]: JsonValue };
  for (const name of Object.keys(object)) {
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${textOf(object[name] as JsonValue)}`;
  }
  return `{${text}}`;
}

/** One walk, so that a hostile value costs no more than its size. */
function findNonJson(value: unknown, path: string, depth: number): Finding | undefined {
  if (value === null || typeof value !== 'object') return fitsJson(value, depth) ? undefined : notJson(path, value);
  if (depth === DEPTH_MAX) return { path, value, expected: `at most ${DEPTH_MAX} levels deep` };
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findNonJson(value[i], indexPath(path, i), depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (!isPlain(value)) return notJson(path, value);
  for (const name of Object.keys(value)) {
    const found = findNonJson(value[name], fieldPath(path, name), depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

function notJson(path: string, value: unknown): Finding {
  return {
    path,
    value,
    expected: 'a JSON value: null, true, false, a string, a finite number, an array or a plain object',
  };
}
