import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/**
 * `true` or `false`; 0, 1 and text such as `"true"` are malformed.
 *
 * @example
 * struct({ paid: boolean() }).parse('{"paid":true}').paid; // true
 */
export function boolean(): Schema<boolean> {
  return schemaOf({ kind: 'boolean' }, new BooleanCodec('boolean', 'true or false'));
}

class BooleanCodec extends Codec<boolean> {
  read(value: unknown): boolean | typeof INVALID {
    return typeof value === 'boolean' ? value : INVALID;
  }

  write(value: unknown): string | undefined {
    if (typeof value !== 'boolean') return undefined;
    return value ? 'true' : 'false';
  }

  emit(source: DecoderSource, raw: string): string {
    source.failIf(`typeof ${raw} !== 'boolean'`);
    return raw;
  }
}
