import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKeyBytes, decodeValue, encodeValue, keyGroupOf, KEY_GROUPS } from '../../src/state/index.ts';

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, undefined, true, false, -0, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)),
    fc.maxSafeInteger(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'a\udfff', '😀', '\ufeffx'),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

describe('value codec', () => {
  it('gives back every primitive, array and plain object exactly', () => {
    fc.assert(fc.property(values, (value) => void expect(decodeValue(encodeValue(value))).toStrictEqual(plain(value))));
  });

  it('keeps a field named __proto__ a field', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}') as object;
    const copy = decodeValue(encodeValue(value)) as object;
    expect(Object.hasOwn(copy, '__proto__')).toBe(true);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  it.each([
    ['a function', { a: [() => 1] }, 'value.a[0] is a function'],
    ['a class instance', { at: new Date(0) }, 'value.at is an instance of Date'],
    ['a Map', new Map(), 'value is an instance of Map'],
    ['a symbol', [Symbol('x')], 'value[0] is a symbol'],
    ['a symbol key', { [Symbol('x')]: 1 }, 'symbol keys'],
  ])('refuses %s and names the path', (_what, value, message) => {
    expect(() => encodeValue(value)).toThrow(message);
  });

  it('refuses a circle', () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => encodeValue(circle)).toThrow('part of a circle');
  });

  it('cut short or with bytes left over is STATE_CORRUPT, never another value', () => {
    const bytes = encodeValue({ a: ['text', 1.5, -3], b: null });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeValue(bytes.slice(0, length))).toThrow('Encoded state cannot be read');
    }
    expect(() => decodeValue(Uint8Array.from([...bytes, 0]))).toThrow('left over');
    expect(() => decodeValue(Uint8Array.from([99]))).toThrow('unknown kind of value 99');
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

/** fast-check's dictionaries have no prototype; decoded objects have the ordinary one. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    Object.defineProperty(copy, name, { value: plain(field), enumerable: true, configurable: true, writable: true });
  }
  return copy;
}
