import { Buffer } from 'node:buffer';
import type { Schema } from 'millrace';
import { isObject, wrongValue, type ConnectSchema } from './connect-schema.ts';

/** How decimals are written where no schema part says so. */
export type DecimalText = 'text' | 'base64';

type Decimal = Extract<Schema<unknown>['definition'], { readonly kind: 'decimal' }>;

const DECIMAL = 'org.apache.kafka.connect.data.Decimal';

/** Decimals up to 15 digits are read from numbers, others from text (`decimal` of the core). */
export function decimalValue(
  wanted: Decimal,
  value: unknown,
  written: ConnectSchema | undefined,
  decimals: DecimalText,
  path: string,
): unknown {
  if (typeof value === 'number') return value;
  const text = decimalText(value, written, decimals, path, wanted.scale);
  if (typeof text !== 'string') return text;
  const plain = withoutZeros(text, wanted.scale);
  if (!fits(plain, wanted))
    throw wrongValue(path, `is ${text}, which is no decimal(${wanted.precision}, ${wanted.scale})`);
  return wanted.precision <= 15 ? Number(plain) : plain;
}

/** `12.30` of whatever a decimal is written as; what is none comes back as it is. */
export function decimalText(
  value: unknown,
  written: ConnectSchema | undefined,
  decimals: DecimalText,
  path: string,
  scale?: number,
): unknown {
  if (isVariableScale(value)) return scaled(unscaledOf(value.value, path), value.scale);
  if (typeof value !== 'string') return value;
  if (written?.name === DECIMAL) return scaled(unscaledOf(value, path), scaleOf(written, path));
  if (written !== undefined || decimals === 'text') return value;
  return scale === undefined ? value : scaled(unscaledOf(value, path), scale);
}

/** Whether a value is a decimal that is not written as number or text. */
export function isDecimal(value: unknown, written: ConnectSchema): boolean {
  return written.name === DECIMAL || isVariableScale(value);
}

/** Debezium's `VariableScaleDecimal`: of a column without a declared scale. */
function isVariableScale(value: unknown): value is { readonly scale: number; readonly value: string } {
  return isObject(value) && typeof value['value'] === 'string' && Number.isInteger(value['scale']);
}

function scaleOf({ parameters }: ConnectSchema, path: string): number {
  const scale = isObject(parameters) ? Number(parameters['scale']) : NaN;
  if (Number.isInteger(scale)) return scale;
  throw wrongValue(path, `is a Decimal whose schema part has no scale`);
}

/** Base64 of a big-endian two's complement, as Java's `BigInteger.toByteArray` gives it. */
function unscaledOf(base64: string, path: string): bigint {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length === 0 || bytes.toString('base64') !== base64)
    throw wrongValue(path, `is ${JSON.stringify(base64)}, which is no base64 of a decimal (decimal.handling.mode)`);
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

/** A negative scale stands for zeros before the point. */
function scaled(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Without those zeros at the end that are more than `scale` decimals: they say nothing. */
function withoutZeros(text: string, scale: number): string {
  const point = text.indexOf('.');
  if (point < 0) return text;
  const rest = text.slice(point + 1 + scale);
  return /^0*$/.test(rest) ? text.slice(0, scale === 0 ? point : point + 1 + scale) : text;
}

function fits(text: string, { precision, scale }: Decimal): boolean {
  const [, whole = '', decimals = ''] = /^-?0*(\d*?)(?:\.(\d+))?$/.exec(text) ?? [];
  if (!/^-?\d+(\.\d+)?$/.test(text)) return false;
  return decimals.length <= scale && whole.length <= precision - scale;
}
