import { Buffer } from 'node:buffer';

const TWO_32 = 2 ** 32;

/** The shortest big-endian two's complement of an integer, as Avro and Java's BigInteger write it. */
export function decimalBytes(unscaled: number | bigint): Buffer {
  if (typeof unscaled === 'bigint') return bigBytes(unscaled);
  const all = Buffer.allocUnsafe(8);
  all.writeInt32BE(Math.floor(unscaled / TWO_32), 0);
  all.writeUInt32BE(unscaled >>> 0, 4);
  let from = 0;
  // A leading byte that only repeats the sign of the next one says nothing.
  while (from < 7 && (all[from] === 0 ? all[from + 1]! < 0x80 : all[from] === 0xff && all[from + 1]! >= 0x80)) from++;
  return all.subarray(from);
}

function bigBytes(unscaled: bigint): Buffer {
  let bytes = 1;
  while (BigInt.asIntN(bytes * 8, unscaled) !== unscaled) bytes++;
  const hex = BigInt.asUintN(bytes * 8, unscaled)
    .toString(16)
    .padStart(bytes * 2, '0');
  return Buffer.from(hex, 'hex');
}

/** The integer of such bytes: a number where it is a safe one, else a bigint; `undefined` of no bytes. */
export function unscaledOf(bytes: Buffer): number | bigint | undefined {
  const { length } = bytes;
  if (length === 0) return undefined;
  if (length <= 6) return bytes.readIntBE(0, length) + 0;
  if (length <= 8) {
    const unscaled = bytes.readIntBE(0, length - 4) * TWO_32 + bytes.readUInt32BE(length - 4);
    if (Number.isSafeInteger(unscaled)) return unscaled;
  }
  return BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex')}`));
}
