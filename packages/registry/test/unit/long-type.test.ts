import avsc from 'avsc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longType } from '../../src/avro/long-type.ts';

/** The bytes that Avro's specification asks for: zigzag, seven bits at a time, in integers of any size. */
function zigzag(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value < 0n ? -value * 2n - 1n : value * 2n;
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

describe('the long of Avro', () => {
  it('is written as the specification says, and read back, up to the last safe integer', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (n) => {
        const value = n + 0;
        expect(longType.toBuffer(value)).toEqual(zigzag(BigInt(value)));
        expect(longType.fromBuffer(longType.toBuffer(value))).toBe(value);
      }),
    );
    for (const edge of [0, -1, 63, 64, -64, -65, 2 ** 27, 2 ** 52 + 1, -(2 ** 52) - 1, 2 ** 53 - 1, 1 - 2 ** 53])
      expect(longType.fromBuffer(zigzag(BigInt(edge)))).toBe(edge);
  });

  it('is what avsc gets wrong by itself, which is why it is not used', () => {
    const own = avsc.Type.forSchema('long');
    expect(own.fromBuffer(own.toBuffer(-4503599627370497))).not.toBe(-4503599627370497);
  });

  it.each([2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)])(
    'is refused where a number is not exact: %s',
    (n) => {
      expect(() => longType.fromBuffer(zigzag(n)) as unknown).toThrow(/does not hold exactly/);
    },
  );
});
