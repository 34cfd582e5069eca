import { MillraceError } from '../../errors/index.ts';
import type { DecimalDefinition } from '../definition.ts';
import { schemaOf } from '../schema-of.ts';
import { showValue } from '../show-value.ts';
import type { Schema } from '../schema.ts';
import { BigDecimalCodec } from './big-decimal.ts';
import { SmallDecimalCodec } from './small-decimal.ts';

/** Precisions whose decimals are numbers. 15 is the most whose every value is a safe integer and a distinct double. */
export type NumberPrecision = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15;

/** Precisions whose decimals are bigints, up to the 38 digits of SQL engines and Avro's usual limit. */
export type BigIntPrecision =
  (16 | 17 | 18 | 19 | 20 | 21 | 22 | 23 | 24 | 25 | 26 | 27) | (28 | 29 | 30 | 31 | 32 | 33 | 34 | 35 | 36 | 37 | 38);

/** Type of the values of `decimal(P, s)`. */
export type DecimalValue<P extends NumberPrecision | BigIntPrecision> = P extends NumberPrecision ? number : bigint;

const NUMBER_PRECISION_MAX = 15;
const PRECISION_MAX = 38;

/**
 * An exact decimal number, SQL's `DECIMAL(precision, scale)`. Decoded: an integer in units of `10^-scale`: with scale 2
 * the amount 12.3 is 1230. Nothing is ever rounded, and sums are exact.
 *
 * - `precision` 1 to 15: the value is a number. Input: a JSON number `a` below `10^(precision - scale)` with at most
 *   `scale` decimals, that is `|a * 10^scale - round(a * 10^scale)| < 1e-3`, or `a` being the double nearest to such a
 *   decimal (for 13 digits and more doubles are coarser than the first rule). Strings are malformed. Never `-0`.
 * - `precision` 16 to 38: the value is a bigint. Input: a JSON string such as `"-123.45"`, or a JSON number that is a
 *   safe integer. Encoded as a string too: JSON numbers of so many digits are rounded by whoever parses them.
 *
 * @param precision decimal digits in total, 1 to 38, as a literal: it decides about the type
 * @param scale digits behind the point, 0 to `precision`
 * @throws {MillraceError} `SCHEMA_INVALID` for other numbers
 *
 * @example
 * struct({ amount: decimal(10, 2) }).parse('{"amount":12.3}').amount;       // 1230
 * struct({ wei: decimal(38, 18) }).parse('{"wei":"0.000000000000000001"}').wei; // 1n
 */
export function decimal<P extends NumberPrecision | BigIntPrecision>(
  precision: P,
  scale: number,
): Schema<DecimalValue<P>> {
  check('precision', precision, 1, PRECISION_MAX);
  check('scale', scale, 0, precision);
  const definition: DecimalDefinition = { kind: 'decimal', precision, scale };
  const schema: Schema<number> | Schema<bigint> =
    precision <= NUMBER_PRECISION_MAX
      ? schemaOf(definition, new SmallDecimalCodec(precision, scale))
      : schemaOf(definition, new BigDecimalCodec(precision, scale));
  // DecimalValue says by type what the comparison above says by value.
  return schema as unknown as Schema<DecimalValue<P>>;
}

function check(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new MillraceError('SCHEMA_INVALID', {
    message: `${name} of decimal(precision, scale) is ${showValue(value)}, but must be a whole number from ${min} to ${max}.`,
    fields: { [name]: value },
  });
}
