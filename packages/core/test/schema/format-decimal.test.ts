import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal } from '../../src/schema/index.ts';
import { errorOf } from './errors.ts';

describe('formatDecimal', () => {
  it.each([
    [1230, 2, '12.3'],
    [-5, 2, '-0.05'],
    [1200, 2, '12'],
    [0, 2, '0'],
    [-0, 2, '0'],
    [100, 0, '100'],
    [-100, 0, '-100'],
    [5, 1, '0.5'],
    [1e21, 0, '1000000000000000000000'],
    [-1e22, 2, '-100000000000000000000'],
    [123456789012345678901234567890n, 10, '12345678901234567890.123456789'],
    [-1n, 38, `-0.${'0'.repeat(37)}1`],
    [0n, 5, '0'],
  ])('writes %d with scale %d as %s', (unscaled, scale, text) => {
    expect(formatDecimal(unscaled, scale)).toBe(text);
  });

  it('is exact, shortest and a JSON number', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat(40), (unscaled, scale) => {
        const text = formatDecimal(unscaled, scale);
        expect(text).toMatch(/^(0|-?(0|[1-9]\d*)\.\d*[1-9]|-?[1-9]\d*)$/);
        const [whole = '', fraction = ''] = text.split('.');
        expect(BigInt(whole + fraction.padEnd(scale, '0'))).toBe(unscaled);
      }),
    );
  });

  it('writes a number as it writes the equal bigint', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(20), (unscaled, scale) => {
        expect(formatDecimal(unscaled, scale)).toBe(formatDecimal(BigInt(unscaled), scale));
      }),
    );
  });

  it('refuses fractions and negative scales', () => {
    expect(errorOf(() => formatDecimal(1.5, 2)).code).toBe('OPTION_INVALID');
    expect(errorOf(() => formatDecimal(NaN, 2)).code).toBe('OPTION_INVALID');
    expect(errorOf(() => formatDecimal(1, -1)).code).toBe('OPTION_INVALID');
  });
});
