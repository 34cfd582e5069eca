import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/**
 * A finite floating-point number. For money use `decimal`: sums of doubles are not exact.
 *
 * @example
 * struct({ celsius: double() }).parse('{"celsius":-1.5}').celsius; // -1.5
 */
export function double(): Schema<number> {
  return schemaOf({ kind: 'double' }, new DoubleCodec('double', 'a finite number'));
}

class DoubleCodec extends Codec<number> {
  read(value: unknown): number | typeof INVALID {
    return typeof value === 'number' && Number.isFinite(value) ? value : INVALID;
  }

  write(value: unknown): string | undefined {
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    return Object.is(value, -0) ? '-0' : String(value);
  }

  emit(source: DecoderSource, raw: string): string {
    source.failIf(`typeof ${raw} !== 'number' || !${source.use('isFinite', Number.isFinite)}(${raw})`);
    return raw;
  }
}
