import fc from 'fast-check';

/** Everything that can be kept in state. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, undefined, true, false, -0, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 53)),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\ud800', 'a\udfff', '😀', '\ufeffx'),
    fc.date({ noInvalidDate: false }),
    fc.uint8Array(),
    fc.int16Array(),
    fc.uint32Array(),
    fc.float32Array(),
    fc.float64Array(),
    fc.bigInt64Array(),
    fc.array(tie('value')),
    fc.array(tie('value')).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('value'), tie('value'))).map((pairs) => new Map(pairs)),
    // Some without, some with the ordinary prototype.
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value;

class Point {
  readonly x = 1;
}
class Bag extends Map<string, number> {}

/** What cannot be kept, with what the error calls it. */
export const badValues: fc.Arbitrary<readonly [value: unknown, what: string]> = fc.constantFrom<
  readonly [unknown, string]
>(
  [() => 1, 'a function'],
  [Symbol('s'), 'a symbol'],
  [new Point(), 'an instance of Point'],
  [new Bag(), 'an instance of Bag'],
  [new Error('no'), 'an instance of Error'],
  [/x/, 'an instance of RegExp'],
  [new WeakMap(), 'an instance of WeakMap'],
  [Promise.resolve(), 'an instance of Promise'],
  [Object(1), 'an instance of Number'],
  [Object.assign([1], { extra: 1 }), 'an array with fields of its own'],
  [Object.assign(new Map(), { extra: 1 }), 'a Map with fields of its own'],
  [{ [Symbol('s')]: 1 }, 'an object with symbol keys'],
  [Object.defineProperty({}, 'hidden', { value: 1 }), 'an object with hidden fields'],
);

/** `bad` inside of arrays, objects and maps, and the path that leads to it. */
export function embed(bad: unknown, layers: readonly number[]): { readonly value: unknown; readonly path: string } {
  let value = bad;
  let path = '';
  for (const layer of layers) {
    if (layer === 0) [value, path] = [[1, value], `[1]${path}`];
    else if (layer === 1) [value, path] = [{ a: 1, b: value }, `.b${path}`];
    else [value, path] = [new Map([['k', value]]), `.get(k)${path}`];
  }
  return { value, path: `value${path}` };
}
