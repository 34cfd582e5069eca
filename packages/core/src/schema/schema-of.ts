import { MillraceError } from '../errors/index.ts';
import { INVALID, type Codec } from './codec.ts';
import type { SchemaDefinition } from './definition.ts';
import { malformed, notJson } from './malformed.ts';
import type { Schema } from './schema.ts';

/** Registered, so that schemas of a second copy of the package are recognised. */
const CODEC = Symbol.for('millrace.schema.codec');

/** The one implementation of `Schema`; the codec makes the difference between kinds. */
class DefinedSchema<T> implements Schema<T> {
  readonly definition: SchemaDefinition;
  readonly describe: string;
  private readonly codec: Codec<T>;

  constructor(definition: SchemaDefinition, codec: Codec<T>) {
    this.definition = Object.freeze(definition);
    this.describe = codec.describe;
    this.codec = codec;
    Object.defineProperty(this, CODEC, { value: codec });
  }

  decode(value: unknown, path = ''): T {
    const decoded = this.codec.read(value);
    if (decoded === INVALID) throw malformed(this.codec.explain(value, path, 'decode'), 'decode');
    return decoded;
  }

  encode(value: T): string {
    const text = this.codec.write(value);
    if (text === undefined) throw malformed(this.codec.explain(value, '', 'encode'), 'encode');
    return text;
  }

  parse(text: string): T {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw notJson(cause);
    }
    return this.decode(value);
  }
}

/** A frozen schema of `definition`, with further properties such as the `fields` of a struct. */
export function schemaOf<T, D extends SchemaDefinition, Extra extends object = object>(
  definition: D,
  codec: Codec<T>,
  extra?: Extra,
): Schema<T> & { readonly definition: D } & Extra {
  const schema = Object.assign(new DefinedSchema(definition, codec), extra);
  // DefinedSchema keeps `definition` as it is; Object.assign copied `extra`, whose default type asks for nothing.
  return Object.freeze(schema) as unknown as Schema<T> & { readonly definition: D } & Extra;
}

/** Whether a value is a schema of this package. */
export function isSchema(value: unknown): value is Schema<unknown> {
  return typeof value === 'object' && value !== null && CODEC in value;
}

/** @throws {MillraceError} `SCHEMA_INVALID` if `schema` was not made by this package */
export function codecOf<T>(schema: Schema<T>): Codec<T> {
  if (!isSchema(schema)) {
    throw new MillraceError('SCHEMA_INVALID', {
      message: 'not a schema: use string(), int(), struct({ ... }) and so on.',
    });
  }
  // Set by DefinedSchema's constructor from a Codec of the same T.
  return (schema as unknown as { readonly [CODEC]: Codec<T> })[CODEC];
}
