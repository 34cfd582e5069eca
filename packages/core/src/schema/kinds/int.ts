import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

/**
 * A whole number that a JavaScript number holds exactly: a JSON number from -(2^53 - 1) to 2^53 - 1. `-0` becomes 0.
 *
 * @example
 * struct({ quantity: int() }).parse('{"quantity":3}').quantity; // 3
 */
export function int(): Schema<number> {
  return schemaOf({ kind: 'int' }, new IntCodec('int', 'a whole number from -(2^53 - 1) to 2^53 - 1'));
}

class IntCodec extends Codec<number> {
  read(value: unknown): number | typeof INVALID {
    // Adding 0 turns -0 into 0: a key has one form.
    return typeof value === 'number' && Number.isSafeInteger(value) ? value + 0 : INVALID;
  }

  write(value: unknown): string | undefined {
    return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
  }

  emit(source: DecoderSource, raw: string): string {
    source.failIf(`typeof ${raw} !== 'number' || !${source.use('isSafeInteger', Number.isSafeInteger)}(${raw})`);
    return `${raw} + 0`;
  }
}
