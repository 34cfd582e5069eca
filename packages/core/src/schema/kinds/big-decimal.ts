import { Codec, INVALID } from '../codec.ts';
import type { DecoderSource } from '../decoder-source.ts';
import { formatDecimal } from '../format-decimal.ts';

const PLAIN_DECIMAL = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

/** Decimals of 16 to 38 digits: bigints in units of 10^-scale. */
export class BigDecimalCodec extends Codec<bigint> {
  private readonly scale: number;
  private readonly limit: bigint;
  private readonly textMax: number;

  constructor(precision: number, scale: number) {
    const describe = `decimal(${precision}, ${scale})`;
    super(
      describe,
      `a string such as "-123.45" (or a whole JSON number) with at most ${precision - scale} digits before ` +
        `and ${scale} behind the point: ${describe}`,
      `a bigint (in units of 10^-${scale}) of at most ${precision} digits: ${describe}`,
    );
    this.scale = scale;
    this.limit = 10n ** BigInt(precision);
    // Sign, a zero before the point, the point.
    this.textMax = precision + 3;
  }

  read(value: unknown): bigint | typeof INVALID {
    return this.unscaledOf(value) ?? INVALID;
  }

  write(value: unknown): string | undefined {
    if (typeof value !== 'bigint' || !this.holds(value)) return undefined;
    return `"${formatDecimal(value, this.scale)}"`;
  }

  emit(source: DecoderSource, raw: string): string {
    const unscaled = source.variable();
    // A name of its own for each codec: every variable name is used once.
    const helper = source.use(`unscaledOf_${unscaled}`, (value: unknown) => this.unscaledOf(value));
    source.add(`const ${unscaled} = ${helper}(${raw});`);
    source.failIf(`${unscaled} === undefined`);
    return unscaled;
  }

  private holds(unscaled: bigint): boolean {
    return unscaled < this.limit && unscaled > -this.limit;
  }

  private unscaledOf(value: unknown): bigint | undefined {
    const unscaled = typeof value === 'string' ? this.parse(value) : this.ofNumber(value);
    return unscaled !== undefined && this.holds(unscaled) ? unscaled : undefined;
  }

  private ofNumber(value: unknown): bigint | undefined {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined;
    return BigInt(value) * 10n ** BigInt(this.scale);
  }

  private parse(text: string): bigint | undefined {
    if (text.length > this.textMax || !PLAIN_DECIMAL.test(text)) return undefined;
    const point = text.indexOf('.');
    const decimals = point < 0 ? 0 : text.length - point - 1;
    if (decimals > this.scale) return undefined;
    const digits = point < 0 ? text : text.slice(0, point) + text.slice(point + 1);
    return BigInt(digits + '0'.repeat(this.scale - decimals));
  }
}
