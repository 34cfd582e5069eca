import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, int, string, struct } from '../../src/schema/index.ts';
import { errorOf } from './errors.ts';

const Line = struct({ name: string(), count: int() });

describe('the error for a malformed value', () => {
  it('names the field, the actual value and what is expected', () => {
    const error = errorOf(() => struct({ amount: decimal(10, 2) }).decode({ amount: '12.5' }));
    const expected = 'a JSON number between -100000000 and 100000000 with at most 2 decimals: decimal(10, 2)';
    expect(error.message).toBe(`amount is "12.5", but must be ${expected}`);
    expect(error.fields).toEqual({ path: 'amount', expected });
  });

  it('says of a missing field that it is missing', () => {
    expect(errorOf(() => Line.decode({ count: 1 })).message).toBe('name is missing, but must be a string');
  });

  it.each([
    ['a'.repeat(1000), /^count is "a{60,78}…, but/],
    ['\u202eabc\u0000\n', /^count is "\\u202eabc\\u0000\\n", but/],
    [{ a: { b: [1, 'x', null, true] } }, /^count is {"a":{"b":\[1,"x",null,true\]}}, but/],
    [[[[[[[1]]]]]], /^count is \[\[\[\[\[…\]\]\]\]\], but|^count is \[\[\[\[…\]\]\]\], but/],
    [Array.from({ length: 1e6 }, () => 'xxxxxxxx'), /^count is \["xxxxxxxx",.*…, but/],
    [5n, /^count is 5n, but/],
    [Symbol('s'), /^count is Symbol\(s\), but/],
    [
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no');
          },
        },
      ),
      /^count is a value that cannot be shown, but/,
    ],
    [NaN, /^count is NaN, but/],
  ])('shows any value on one short line: case %#', (count, pattern) => {
    expect(errorOf(() => Line.decode({ name: '', count })).message).toMatch(pattern);
  });

  it('is one line of bounded length, whatever the value is', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }), (value) => {
        const { message } = errorOf(() => struct({ never: struct({ f: int() }) }).decode({ never: [value] }));
        expect(message.length).toBeLessThan(140);
        expect(message).not.toMatch(/[\u0000-\u001f\u2028\u2029\u202a-\u202e]/);
      }),
    );
  });

  it('shortens a path of hostile length in the message', () => {
    const error = errorOf(() => Line.decode({ name: 1 }, 'p'.repeat(5000)));
    expect(error.message.length).toBeLessThan(300);
  });
});
