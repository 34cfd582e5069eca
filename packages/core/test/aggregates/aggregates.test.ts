import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { avg, count, decimalAvg, decimalSum, max, min, sum, type Aggregate } from '../../src/index.ts';

const identity = (n: number): number => n;

function fold<T, A, R>(aggregate: Aggregate<T, A, R>, values: readonly T[]): R {
  return aggregate.result(values.reduce((a, v) => aggregate.add(a, v), aggregate.create()));
}

/** The laws of model/aggregate.ts: merging parts equals adding one by one. */
function mergedFold<A, R>(aggregate: Aggregate<number, A, R>, parts: readonly (readonly number[])[]): R {
  const accumulators = parts.map((part) => part.reduce((a, v) => aggregate.add(a, v), aggregate.create()));
  return aggregate.result(accumulators.reduce((a, b) => aggregate.merge(a, b), aggregate.create()));
}

const integers = fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1 });

describe('aggregates', () => {
  it('count sum avg min max are what their names say', () => {
    const values = [3, -1, 4];
    expect([fold(count(), values), fold(sum(identity), values), fold(avg(identity), values)]).toEqual([3, 6, 2]);
    expect([fold(min(identity), values), fold(max(identity), values)]).toEqual([-1, 4]);
  });

  it.each([
    ['count', count()],
    ['sum', sum(identity)],
    ['avg', avg(identity)],
    ['min', min(identity)],
    ['max', max(identity)],
    ['decimalSum', decimalSum(identity)],
    ['decimalAvg', decimalAvg(identity, { extraDigits: 3 })],
  ] as [string, Aggregate<number, unknown, number>][])(
    '%s: merging parts equals adding one by one',
    (_name, aggregate) => {
      fc.assert(
        fc.property(fc.array(integers, { minLength: 1, maxLength: 5 }), (parts) => {
          expect(mergedFold(aggregate, parts)).toBe(fold(aggregate, parts.flat()));
        }),
      );
    },
  );

  it('refuse what is no number and say so', () => {
    expect(() =>
      fold(
        sum((v: string) => v as never),
        ['12'],
      ),
    ).toThrow('sum() needs a number from its selector, got "12" (string).');
    expect(() => fold(decimalSum(identity), [0.5])).toThrow('decimalSum() needs an integer');
  });
});

describe('decimalSum', () => {
  it('is exact for any integers, as a bigint', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }))),
        (values) => {
          const wide = decimalSum((v: number | bigint) => v, { wide: true });
          expect(fold(wide, values)).toBe(values.reduce<bigint>((a, v) => a + BigInt(v), 0n));
        },
      ),
    );
  });

  it('is a number while that is exact, then an error that names the cure', () => {
    const big = Number.MAX_SAFE_INTEGER;
    expect(fold(decimalSum(identity), [big, -5, -big])).toBe(-5);
    expect(() => fold(decimalSum(identity), [big, 1])).toThrow(
      'decimalSum() is 9007199254740992, which a number cannot hold exactly.',
    );
  });

  it('never gives -0', () => {
    expect(Object.is(fold(decimalSum(identity), [-0]), 0)).toBe(true);
  });
});

describe('decimalAvg', () => {
  it('rounds half away from zero, once, exactly', () => {
    fc.assert(
      fc.property(integers, fc.integer({ min: 0, max: 6 }), (values, extraDigits) => {
        const total = values.reduce((a, v) => a + BigInt(v), 0n) * 10n ** BigInt(extraDigits);
        const n = BigInt(values.length);
        const magnitude = ((total < 0n ? -total : total) * 2n + n) / (2n * n);
        expect(BigInt(fold(decimalAvg(identity, { extraDigits }), values))).toBe(total < 0n ? -magnitude : magnitude);
      }),
    );
  });

  it('rounds ties away from zero on both sides, also beyond the safe integers', () => {
    expect(fold(decimalAvg(identity), [1, 2])).toBe(2);
    expect(fold(decimalAvg(identity), [-1, -2])).toBe(-2);
    const big = Number.MAX_SAFE_INTEGER;
    expect(fold(decimalAvg(identity), [big, big, big - 1])).toBe(big);
    expect(() => fold(decimalAvg(identity, { extraDigits: 2 }), [big])).toThrow('fewer extraDigits');
  });

  it('refuses wrong extraDigits', () => {
    expect(() => decimalAvg(identity, { extraDigits: 16 })).toThrow('from 0 to 15');
  });
});
