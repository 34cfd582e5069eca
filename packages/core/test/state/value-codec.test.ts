import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKeyBytes, decodeValue, encodeValue, keyGroupOf, KEY_GROUPS } from '../../src/state/index.ts';
import { badValues, embed, values } from './values.ts';

const hex = (value: unknown): string => Buffer.from(encodeValue(value)).toString('hex');

describe('value codec', () => {
  it('gives back every value it takes exactly', () => {
    fc.assert(fc.property(values, (value) => void expect(decodeValue(encodeValue(value))).toStrictEqual(value)));
  });

  it('refuses what it could not give back, and names the path', () => {
    fc.assert(
      fc.property(badValues, fc.array(fc.nat(2), { maxLength: 5 }), ([bad, what], layers) => {
        const { value, path } = embed(bad, layers);
        expect(() => encodeValue(value)).toThrow(`${path} is ${what}`);
      }),
    );
  });

  it('keeps a field named __proto__ a field', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}') as object;
    const copy = decodeValue(encodeValue(value)) as object;
    expect(Object.hasOwn(copy, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it('keeps -0, NaN and the order of a Map', () => {
    expect(Object.is(decodeValue(encodeValue(-0)), -0)).toBe(true);
    expect([
      ...(decodeValue(
        encodeValue(
          new Map([
            ['b', NaN],
            ['a', 1],
          ]),
        ),
      ) as Map<string, number>),
    ]).toEqual([
      ['b', NaN],
      ['a', 1],
    ]);
  });

  it('refuses a circle', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encodeValue(circle)).toThrow('part of a circle');
    const map = new Map<string, unknown>();
    map.set('self', map);
    expect(() => encodeValue(map)).toThrow('part of a circle');
  });

  it('writes these bytes for ever: they are a format on disk', () => {
    const samples: readonly (readonly [unknown, string])[] = [
      [null, '00'],
      [undefined, '01'],
      [false, '02'],
      [true, '03'],
      [300, '04ac02'],
      [-1, '0501'],
      [1.5, '063ff8000000000000'],
      ['é', '0702c3a9'],
      ['\ud800', '0801d800'],
      [[1], '09010401'],
      [{ a: 1 }, '0a0107016104' + '01'],
      [258n, '0b020102'],
      [-1n, '0c0101'],
      [new Date(1), '0d3ff0000000000000'],
      [new Map([[1, 2]]), '0e0104010402'],
      [new Set([1]), '0f010401'],
      [new Uint16Array([1, 258]), '10040401000201'],
      [new Uint8Array([7]).buffer, '110107'],
      [Object.assign(Object.create(null) as object, { a: 1 }), '120107016104' + '01'],
    ];
    for (const [value, bytes] of samples) expect(hex(value), bytes).toBe(bytes);
  });

  it('cut short, with bytes left over or changed is STATE_CORRUPT, never a crash of another kind', () => {
    const bytes = encodeValue({
      a: ['text', 1.5, -3],
      b: null,
      c: new Map([[1n, new Float64Array(3)]]),
      d: new Date(5),
    });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeValue(bytes.slice(0, length))).toThrow('Encoded state cannot be read');
    }
    expect(() => decodeValue(Uint8Array.from([...bytes, 0]))).toThrow('left over');
    expect(() => decodeValue(Uint8Array.from([99]))).toThrow('unknown kind of value 99');
    for (let at = 0; at < bytes.length; at++) {
      for (const value of [0, 1, 9, 14, 16, 127, 255]) {
        const changed = bytes.slice();
        changed[at] = value;
        try {
          decodeValue(changed);
        } catch (error) {
          expect(error).toMatchObject({ code: 'STATE_CORRUPT' });
        }
      }
    }
  });
});

describe('key groups', () => {
  it('are the same for keys that a Map holds to be the same', () => {
    expect(canonicalKeyBytes(-0)).toEqual(canonicalKeyBytes(0));
    expect(canonicalKeyBytes(NaN)).toEqual(canonicalKeyBytes(-NaN));
    expect(canonicalKeyBytes('1')).not.toEqual(canonicalKeyBytes(1));
  });

  it('are frozen: these values must never change', () => {
    expect(['books', 'toys', '', 'größe', 0, 1, -7, 1.5, null].map((key) => keyGroupOf(canonicalKeyBytes(key))))
      .toMatchInlineSnapshot(`
      [
        4,
        33,
        29,
        123,
        105,
        41,
        85,
        77,
        60,
      ]
    `);
  });

  it('spread keys over all 128 groups', () => {
    const groups = new Set(Array.from({ length: 2000 }, (_, i) => keyGroupOf(canonicalKeyBytes(`key-${i}`))));
    expect(groups.size).toBe(KEY_GROUPS);
  });
});
