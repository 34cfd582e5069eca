import { notANumber } from './number-of.ts';

/*
 * An exact integer of up to 156 bits in three cells of a Float64Array: low + middle * 2^52 + high * 2^104.
 * Between additions |low| and |middle| are at most 2^52, so that adding two of them never leaves the exact integers of a
 * double (2^53). Sums of decimals up to decimal(38, s) fit a billion times over.
 */
export const EXACT_CELLS = 3;
const LIMB = 2 ** 52;
const LIMB_BITS = 52n;

/** A value that `addExact` takes. Throws for anything but a safe integer or a bigint, naming `aggregate`. */
export function checkedInteger(value: number | bigint, aggregate: string): number | bigint {
  if (Number.isSafeInteger(value) || typeof value === 'bigint') return value;
  throw notANumber(aggregate, 'an integer (a decimal scaled by its power of ten) or a bigint', value);
}

/** Adds a safe integer or a bigint. */
export function addExact(cells: Float64Array, at: number, value: number | bigint): void {
  if (typeof value === 'number' && value <= LIMB && value >= -LIMB) {
    const low = (cells[at] as number) + value;
    cells[at] = low;
    if (low > LIMB || low < -LIMB) carry(cells, at);
  } else addWide(cells, at, BigInt(value));
}

function addWide(cells: Float64Array, at: number, whole: bigint): void {
  const low = BigInt.asIntN(52, whole);
  const rest = (whole - low) >> LIMB_BITS;
  const middle = BigInt.asIntN(52, rest);
  addLimbs(cells, at, Number(low), Number(middle), Number((rest - middle) >> LIMB_BITS));
}

/** Adds the integer at `otherAt` of `other`. */
export function mergeExact(cells: Float64Array, at: number, other: Float64Array, otherAt: number): void {
  addLimbs(cells, at, other[otherAt] as number, other[otherAt + 1] as number, other[otherAt + 2] as number);
}

function addLimbs(cells: Float64Array, at: number, low: number, middle: number, high: number): void {
  cells[at] = (cells[at] as number) + low;
  cells[at + 1] = (cells[at + 1] as number) + middle;
  cells[at + 2] = (cells[at + 2] as number) + high;
  carry(cells, at);
}

function carry(cells: Float64Array, at: number): void {
  for (let i = at; i < at + 2; i++) {
    const over = Math.trunc((cells[i] as number) / LIMB);
    cells[i] = (cells[i] as number) - over * LIMB;
    cells[i + 1] = (cells[i + 1] as number) + over;
  }
}

/** The integer as a bigint. */
export function exactBigInt(cells: Float64Array, at: number): bigint {
  const high = BigInt(cells[at + 2] as number) << (2n * LIMB_BITS);
  return BigInt(cells[at] as number) + (BigInt(cells[at + 1] as number) << LIMB_BITS) + high;
}

/** The integer as a number if it is a safe one, else `undefined`. */
export function exactNumber(cells: Float64Array, at: number): number | undefined {
  if (cells[at + 1] === 0 && cells[at + 2] === 0) return (cells[at] as number) + 0;
  const number = Number(exactBigInt(cells, at));
  return Number.isSafeInteger(number) ? number : undefined;
}
