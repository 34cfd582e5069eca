import { Codec, type INVALID, type Direction, type Finding } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import type { OptionalDefinition } from '../definition.ts';
import { codecOf, schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/** A schema whose struct field may be absent. */
export interface OptionalSchema<T> extends Schema<T | undefined> {
  readonly definition: OptionalDefinition;
}

/**
 * A field that may be missing or `null`: decoded, the property is absent; its type is `name?: T`. Elsewhere than in a
 * struct a missing value is `undefined`, encoded as `null`.
 *
 * @param item the schema of a value that is there
 *
 * @example
 * const Order = struct({ order_id: string(), note: optional(string()) });
 * Order.parse('{"order_id":"a","note":null}'); // { order_id: 'a' }
 */
export function optional<T>(item: Schema<T>): OptionalSchema<Exclude<T, null | undefined>> {
  const codec = new OptionalCodec<Exclude<T, null | undefined>>(codecOf(item));
  return schemaOf({ kind: 'optional', item: item.definition }, codec);
}

class OptionalCodec<T> extends Codec<T | undefined> {
  private readonly item: Codec<unknown>;

  constructor(item: Codec<unknown>) {
    super(`optional(${item.describe})`, `missing, null or ${item.expectedInput}`, `undefined or ${item.expectedValue}`);
    this.item = item;
  }

  read(value: unknown): T | undefined | typeof INVALID {
    if (value === undefined || value === null) return undefined;
    // What `item` reads, without null and undefined: only json() and optional() give those, and only for themselves.
    return this.item.read(value) as T | typeof INVALID;
  }

  write(value: unknown): string | undefined {
    if (value === undefined) return 'null';
    return value === null ? undefined : this.item.write(value);
  }

  emit(source: DecoderSource, raw: string): string {
    const decoded = source.variable();
    source.add(`let ${decoded};`);
    source.add(`if (${raw} !== undefined && ${raw} !== null) {`);
    const item = this.item.emit(source, raw);
    source.add(`${decoded} = ${item};`);
    source.add('}');
    return decoded;
  }

  override explain(value: unknown, path: string, direction: Direction): Finding {
    const inner = this.item.explain(value, path, direction);
    return inner.path === path ? super.explain(value, path, direction) : inner;
  }
}
