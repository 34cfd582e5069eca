import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, formatDecimal } from '../../src/schema/index.ts';
import { errorOf, pathOf } from './errors.ts';

describe('decimal of up to 15 digits', () => {
  const amount = decimal(10, 2);

  it.each([
    [12.3, 1230],
    [-12.34, -1234],
    [0.1 + 0.2, 30],
    [1.005 - 0.005, 100],
    [0, 0],
    [99999999.99, 9999999999],
    [-99999999.99, -9999999999],
    [1e3, 100000],
  ])('reads the number %d as %d hundredths', (input, unscaled) => {
    expect(amount.decode(input)).toBe(unscaled);
  });

  it.each(['12.3', '', 1.234, 0.005, 1e8, -1e8, 1e300, NaN, Infinity, -Infinity, null, undefined, true, [1], {}, 1n])(
    'takes %s for malformed',
    (input) => {
      expect(pathOf(() => amount.decode(input, 'amount'))).toBe('amount');
    },
  );

  it('never gives -0', () => {
    expect(amount.decode(-0)).toBe(0);
    expect(amount.decode(-1e-9)).toBe(0);
  });

  it('follows the rule of the main job for every double', () => {
    const input = fc.oneof(
      fc.double(),
      fc.double({ min: -1e8, max: 1e8 }),
      fc.integer().map((v) => v / 1000),
    );
    fc.assert(
      fc.property(input, (a) => {
        const cents = Math.round(a * 100);
        const good = Math.abs(a * 100 - cents) < 1e-3 && Math.abs(a) < 1e8;
        if (good) expect(amount.decode(a)).toBe(cents + 0);
        else expect(errorOf(() => amount.decode(a)).code).toBe('RECORD_MALFORMED');
      }),
      { numRuns: 2000 },
    );
  });

  it('rounds an input just below the limit up to the limit, as the rule says, but does not write that', () => {
    expect(amount.decode(99999999.9999999)).toBe(1e10);
    expect(errorOf(() => amount.encode(1e10)).code).toBe('RECORD_MALFORMED');
  });

  it('reads the text of every decimal exactly, also where doubles are coarser than the tolerance', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 15) + 1, max: 10 ** 15 - 1 }), fc.integer({ min: 0, max: 15 }), (v, s) => {
        expect(decimal(15, s).parse(formatDecimal(v, s))).toBe(v + 0);
      }),
      { numRuns: 5000, examples: [[999999999999999, 2]] },
    );
  });

  it('writes the shortest exact number', () => {
    expect(amount.encode(1230)).toBe('12.3');
    expect(amount.encode(-5)).toBe('-0.05');
  });

  it.each([12.5, NaN, Infinity, 1e10, -1e10, '1', 1n, null])('refuses to write %s', (value) => {
    expect(errorOf(() => amount.encode(value as number)).message).toMatch(/^cannot encode: the value is /);
  });
});

describe('decimal of more than 15 digits', () => {
  const wei = decimal(20, 3);

  it.each([
    ['-123.45', -123450n],
    ['0', 0n],
    ['-0.001', -1n],
    ['99999999999999999.999', 99999999999999999999n],
    ['1.500', 1500n],
    [12, 12000n],
    [-0, 0n],
    [9007199254740991, 9007199254740991000n],
  ])('reads %s', (input, unscaled) => {
    expect(wei.decode(input)).toBe(unscaled);
  });

  it.each([
    ...[
      '1.2345',
      '100000000000000000',
      '1e3',
      '+1',
      '.5',
      '1.',
      '',
      '-',
      ' 1',
      '1 ',
      '0x1',
      '01',
      '1,5',
      '1'.repeat(1e6),
    ],
    ...[1.5, 2 ** 53, NaN, null, undefined, true, {}, [], 5n],
  ])('takes %s for malformed', (input) => {
    expect(pathOf(() => wei.decode(input, 'wei'))).toBe('wei');
  });

  it('writes a string, because parsers round JSON numbers of that many digits', () => {
    expect(wei.encode(-123450n)).toBe('"-123.45"');
    expect(wei.encode(99999999999999999999n)).toBe('"99999999999999999.999"');
    expect(errorOf(() => wei.encode(10n ** 20n)).code).toBe('RECORD_MALFORMED');
    expect(errorOf(() => wei.encode(1 as unknown as bigint)).code).toBe('RECORD_MALFORMED');
  });
});

describe('a decimal schema', () => {
  it('is built only with a precision of 1 to 38 and a scale within it', () => {
    for (const [p, s] of [
      [0, 0],
      [39, 2],
      [2.5, 1],
      [NaN, 0],
      [10, 11],
      [10, -1],
      [10, 0.5],
    ] as const) {
      const error = errorOf(() => decimal(p as 10, s));
      expect(error.code).toBe('SCHEMA_INVALID');
    }
    expect(errorOf(() => decimal('10' as unknown as 10, 2)).message).toContain(
      'precision of decimal(precision, scale) is "10"',
    );
    expect(decimal(38, 38).parse('"0.5"')).toBe(5n * 10n ** 37n);
    expect(decimal(15, 15).parse('0.5')).toBe(5e14);
  });

  it('carries its parameters', () => {
    expect(decimal(10, 2).definition).toEqual({ kind: 'decimal', precision: 10, scale: 2 });
    expect(decimal(10, 2).describe).toBe('decimal(10, 2)');
  });
});
