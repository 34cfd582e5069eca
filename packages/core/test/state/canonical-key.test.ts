import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKey, decodeValue, encodeValue } from '../../src/state/index.ts';

const primitives = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom('1', 1, 1n, true, 'true'),
);
const keys = fc.letrec((tie) => ({
  key: fc.oneof({ depthSize: 'small' }, primitives, fc.array(tie('key')), fc.dictionary(fc.string(), tie('key'))),
})).key;

describe('canonical keys', () => {
  it('are the same object for equal keys, whatever the order of fields', () => {
    const a = canonicalKey({ country: 'at', parts: [1, { x: -0 }] });
    const b = canonicalKey({ parts: [1, { x: 0 }], country: 'at' });
    expect(a).toBe(b);
    expect(a).toEqual({ country: 'at', parts: [1, { x: 0 }] });
    expect(Object.isFrozen(a) && Object.isFrozen((a as { parts: object }).parts)).toBe(true);
  });

  it('NaN is one key, -0 and 0 are the same one', () => {
    expect(new Set([canonicalKey(NaN), canonicalKey(-NaN)]).size).toBe(1);
    expect(Object.is(canonicalKey(-0), 0)).toBe(true);
    expect(canonicalKey([NaN])).toBe(canonicalKey([NaN]));
  });

  it('two keys are one exactly if they are equal by value', () => {
    const normal = (key: unknown): unknown => decodeValue(encodeValue(canonicalKey(key)));
    fc.assert(
      fc.property(keys, keys, (a, b) => {
        const same = Object.is(canonicalKey(a), canonicalKey(b));
        let equal = true;
        try {
          expect(normal(a)).toStrictEqual(normal(b));
        } catch {
          equal = false;
        }
        expect(same).toBe(equal);
      }),
    );
  });

  it('text and the value it looks like, and nestings that look alike, are different keys', () => {
    const all = [
      '1',
      1,
      1n,
      true,
      'true',
      ['1'],
      [1],
      [[1]],
      [1, 1],
      ['1,1'],
      { a: 1 },
      { a: '1' },
      [],
      {},
      '',
      [''],
      '[]',
    ];
    expect(new Set(all.map(canonicalKey)).size).toBe(all.length);
  });

  it.each([
    [null, 'the key is null'],
    [undefined, 'the key is undefined'],
    [() => 1, 'the key is a function'],
    [Symbol('s'), 'the key is a symbol'],
    [new Set([1]), 'the key is an instance of Set'],
    [{ a: [1, { b: null }] }, 'the key.a[1].b is null'],
    [{ a: undefined }, 'the key.a is undefined'],
    // oxlint-disable-next-line no-sparse-arrays
    [[1, , 2], 'the key is an array with holes'],
    [{ [Symbol('s')]: 1 }, 'the key is an object with symbol keys'],
  ])('refuses %s, which cannot be compared by value', (key, message) => {
    expect(() => canonicalKey(key)).toThrow(message);
    expect(() => canonicalKey(key)).toThrow('Use text, a number');
  });
});
