import { MillraceError } from '../../errors/index.ts';

/** The part of a schema's definition that matters here: what has fields, and what contains what. */
interface Definition {
  readonly kind: string;
  readonly item?: Definition;
  readonly fields?: readonly { readonly name: string; readonly schema: Definition }[];
}

/** Turns values into something shorter to write and back. */
export interface Packing {
  readonly pack: (value: unknown) => unknown;
  readonly unpack: (packed: unknown) => unknown;
}

const AS_IT_IS: Packing = { pack: (value) => value, unpack: (packed) => packed };

/**
 * Values of a schema without the names of their fields: `{ id: 'a', at: { x: 1 } }` becomes `['a', [1]]`. A value that is
 * not made as the schema says is refused, not cut down to it.
 */
export function packingOf(definition: unknown): Packing {
  // Schemas publish their definition as plain data of this shape; anything unknown in it stays as it is.
  const { kind, item, fields } = definition as Definition;
  if (kind === 'struct' && fields !== undefined) return packedStruct(fields);
  if (item === undefined) return AS_IT_IS;
  const inner = packingOf(item);
  if (inner === AS_IT_IS) return AS_IT_IS;
  if (kind === 'optional') {
    return {
      pack: (value) => (value === undefined ? undefined : inner.pack(value)),
      unpack: (packed) => (packed === undefined ? undefined : inner.unpack(packed)),
    };
  }
  return {
    pack: (value) => (Array.isArray(value) ? value.map(inner.pack) : misfit('an array', value)),
    unpack: (packed) => (packed as readonly unknown[]).map(inner.unpack),
  };
}

function packedStruct(fields: NonNullable<Definition['fields']>): Packing {
  const names = fields.map(({ name }) => name);
  const packings = fields.map(({ schema }) => packingOf(schema));
  return {
    pack(value) {
      if (typeof value !== 'object' || value === null) return misfit(`an object of ${names.join(', ')}`, value);
      const unknown = Object.keys(value).find((name) => !names.includes(name));
      if (unknown !== undefined) return misfit(`an object of ${names.join(', ')}`, `an object with '${unknown}'`);
      return names.map((name, i) => {
        // Only own fields count: a plain object inherits `constructor`.
        const field = Object.hasOwn(value, name) ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
        return field === undefined ? undefined : (packings[i] as Packing).pack(field);
      });
    },
    unpack(packed) {
      const parts = packed as readonly unknown[];
      if (!Array.isArray(packed) || parts.length !== names.length) throw otherSchema(names);
      const present = names.flatMap((name, i) => {
        const part = parts[i];
        return part === undefined ? [] : [[name, (packings[i] as Packing).unpack(part)] as const];
      });
      return Object.fromEntries(present);
    },
  };
}

function misfit(expected: string, actual: unknown): never {
  const shown = typeof actual === 'object' && actual !== null ? 'an object' : String(actual);
  throw new MillraceError('STATE_UNENCODABLE', {
    message: `a value of state is ${shown}, but its schema says ${expected}. Change the schema of the state, or the value.`,
    fields: { expected },
  });
}

function otherSchema(names: readonly string[]): MillraceError {
  return new MillraceError('STATE_MISMATCH', {
    message:
      `a value of state was written with another schema than struct({ ${names.join(', ')} }). ` +
      'Restore with the schema it was written with.',
    fields: { names },
  });
}
