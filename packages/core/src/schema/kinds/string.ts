import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/**
 * Text: a JSON string, of any length.
 *
 * @example
 * struct({ order_id: string() }).parse('{"order_id":"a-1"}').order_id; // 'a-1'
 */
export function string(): Schema<string> {
  return schemaOf({ kind: 'string' }, new StringCodec('string', 'a string'));
}

class StringCodec extends Codec<string> {
  read(value: unknown): string | typeof INVALID {
    return typeof value === 'string' ? value : INVALID;
  }

  write(value: unknown): string | undefined {
    return typeof value === 'string' ? JSON.stringify(value) : undefined;
  }

  emit(source: DecoderSource, raw: string): string {
    source.failIf(`typeof ${raw} !== 'string'`);
    return raw;
  }
}
