import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { parseTimestamp } from '../parse-timestamp.ts';
import { schemaOf } from '../schema-of.ts';
import type { Schema } from '../schema.ts';

const INPUT =
  'epoch milliseconds (a whole number) or a real date and time as "YYYY-MM-DDTHH:MM:SS[.fff]Z" or with +-HH:MM';

/**
 * A point in time. Decoded: epoch milliseconds, a whole number. Input: the same, or a string
 * `YYYY-MM-DDTHH:MM:SS[.f|.ff|.fff]` with `Z` or `+HH:MM`/`-HH:MM`; everything else is malformed: numbers in strings, no
 * zone, fractions of milliseconds, lower case `t`/`z`, 30 February, 24:00, leap seconds. Encoded: epoch milliseconds.
 *
 * @example
 * struct({ at: timestamp() }).parse('{"at":"2024-02-29T12:00:00.5+01:00"}').at; // 1709204400500
 */
export function timestamp(): Schema<number> {
  return schemaOf({ kind: 'timestamp' }, new TimestampCodec('timestamp', INPUT, 'epoch milliseconds, a whole number'));
}

class TimestampCodec extends Codec<number> {
  read(value: unknown): number | typeof INVALID {
    const ms = epochMsOf(value);
    return Number.isNaN(ms) ? INVALID : ms;
  }

  write(value: unknown): string | undefined {
    return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : undefined;
  }

  emit(source: DecoderSource, raw: string): string {
    const ms = source.variable();
    source.add(`const ${ms} = ${source.use('epochMsOf', epochMsOf)}(${raw});`);
    source.failIf(`${ms} !== ${ms}`);
    return ms;
  }
}

/** Epoch milliseconds, or `NaN`. */
function epochMsOf(value: unknown): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value + 0 : NaN;
  return typeof value === 'string' ? parseTimestamp(value) : NaN;
}
