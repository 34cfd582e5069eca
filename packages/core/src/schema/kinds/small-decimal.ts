import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { formatDecimal } from '../format-decimal.ts';

/** How far `a * 10^scale` may be from a whole number (issue 3 item 9): far above the error of the product, far below 1. */
const TOLERANCE = 1e-3;

/** Decimals of up to 15 digits: numbers in units of 10^-scale. */
export class SmallDecimalCodec extends Codec<number> {
  private readonly scale: number;
  private readonly factor: number;
  private readonly inputLimit: number;
  private readonly valueLimit: number;

  constructor(precision: number, scale: number) {
    // Powers of ten are read from text: `10 ** n` need not be the nearest double.
    const inputLimit = Number(`1e${precision - scale}`);
    const valueLimit = Number(`1e${precision}`);
    const describe = `decimal(${precision}, ${scale})`;
    super(
      describe,
      `a JSON number between -${inputLimit} and ${inputLimit} with at most ${scale} decimals: ${describe}`,
      `a whole number (in units of 10^-${scale}) between -${valueLimit} and ${valueLimit}: ${describe}`,
    );
    this.scale = scale;
    this.factor = Number(`1e${scale}`);
    this.inputLimit = inputLimit;
    this.valueLimit = valueLimit;
  }

  read(value: unknown): number | typeof INVALID {
    const unscaled = unscaledOf(value, this.factor, this.inputLimit);
    return Number.isNaN(unscaled) ? INVALID : unscaled;
  }

  write(value: unknown): string | undefined {
    if (typeof value !== 'number' || !Number.isInteger(value) || Math.abs(value) >= this.valueLimit) return undefined;
    return formatDecimal(value, this.scale);
  }

  emit(source: DecoderSource, raw: string): string {
    const unscaled = source.variable();
    const helper = source.use('unscaledOf', unscaledOf);
    source.add(`const ${unscaled} = ${helper}(${raw}, ${this.factor}, ${this.inputLimit});`);
    source.failIf(`${unscaled} !== ${unscaled}`);
    return unscaled;
  }
}

/**
 * `value * factor` as a whole number, or `NaN` if it is none or `value` is not below `limit`. The rule is taken by the
 * letter: an input less than the tolerance below the limit gives `limit * factor`, which `write` then refuses.
 */
function unscaledOf(value: unknown, factor: number, limit: number): number {
  if (typeof value !== 'number' || !(value < limit && value > -limit)) return NaN;
  const scaled = value * factor;
  const whole = Math.round(scaled);
  // The second test is for 13 digits and more, where the product of an exact input may miss by more than the tolerance:
  // whole and factor are exact, so their quotient is the double that the decimal's text parses to.
  if (Math.abs(scaled - whole) < TOLERANCE || whole / factor === value) return whole + 0;
  return NaN;
}
