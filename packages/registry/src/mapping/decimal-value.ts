import type { DecimalDefinition } from './definition.ts';

/** Up to here decimals of `struct` are numbers, above bigints. */
const NUMBER_PRECISION_MAX = 15;

export const describeDecimal = ({ precision, scale }: Pick<DecimalDefinition, 'precision' | 'scale'>): string =>
  `decimal(${precision}, ${scale})`;

/**
 * Makes the value of a `decimal` of an unscaled integer of `scale` digits behind the point, which are not more than those of `wanted`;
 * `undefined` if it has too many digits.
 */
export function decimalReader(
  wanted: DecimalDefinition,
  scale: number,
): (unscaled: number | bigint | undefined) => number | bigint | undefined {
  const limit = 10n ** BigInt(wanted.precision);
  const factor = 10 ** (wanted.scale - scale);
  if (wanted.precision <= NUMBER_PRECISION_MAX) {
    const most = Number(limit);
    return (unscaled) => {
      // Numbers of at most 15 digits are exact, and so is their product as long as it stays below the limit.
      if (typeof unscaled !== 'number') return undefined;
      const value = unscaled * factor;
      return value < most && value > -most ? value + 0 : undefined;
    };
  }
  const bigFactor = BigInt(10) ** BigInt(wanted.scale - scale);
  return (unscaled) => {
    if (unscaled === undefined) return undefined;
    const value = BigInt(unscaled) * bigFactor;
    return value < limit && value > -limit ? value : undefined;
  };
}

/** Whether a value is one of `decimal(precision, scale)`. */
export function decimalCheck({ precision }: DecimalDefinition): (value: unknown) => boolean {
  const limit = 10n ** BigInt(precision);
  if (precision > NUMBER_PRECISION_MAX) return (value) => typeof value === 'bigint' && value < limit && value > -limit;
  const most = Number(limit);
  return (value) => typeof value === 'number' && Number.isInteger(value) && value < most && value > -most;
}

const PLAIN_DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** Reads `12.30` as a value of `wanted`; `undefined` if it is none, or would have to be rounded. */
export function decimalTextReader(wanted: DecimalDefinition): (text: string) => number | bigint | undefined {
  const read = decimalReader(wanted, wanted.scale);
  return (text) => {
    const [, sign = '', whole = '', decimals = ''] = PLAIN_DECIMAL.exec(text) ?? [];
    const digits = decimals.replace(/0+$/, '');
    if (whole === '' || whole.length > 40 || digits.length > wanted.scale) return undefined;
    const unscaled = BigInt(`${sign}${whole}${digits.padEnd(wanted.scale, '0')}`);
    const number = Number(unscaled);
    return read(Number.isSafeInteger(number) ? number : unscaled);
  };
}
