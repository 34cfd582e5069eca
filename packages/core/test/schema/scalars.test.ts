import { describe, expect, it } from 'vitest';
import { boolean, double, int, json, string } from '../../src/schema/index.ts';
import type { JsonValue } from '../../src/model/index.ts';
import { errorOf, pathOf } from './errors.ts';

describe('string', () => {
  it('takes strings only', () => {
    expect(string().decode('é\u0000')).toBe('é\u0000');
    for (const value of [1, null, undefined, true, [], {}, new String('a')]) {
      expect(errorOf(() => string().decode(value)).code).toBe('RECORD_MALFORMED');
    }
  });

  it('writes JSON text, lone surrogates included', () => {
    expect(string().encode('a"\n')).toBe('"a\\"\\n"');
    expect(string().parse(string().encode('\ud800'))).toBe('\ud800');
    expect(errorOf(() => string().encode(1 as unknown as string)).code).toBe('RECORD_MALFORMED');
  });
});

describe('int', () => {
  it('takes safe integers only', () => {
    expect(int().parse('3')).toBe(3);
    expect(int().parse('3.0')).toBe(3);
    expect(int().parse('-0')).toBe(0);
    for (const text of ['1.5', '9007199254740992', '1e999', '"3"', 'null', 'true', '[3]']) {
      expect(errorOf(() => int().parse(text)).code).toBe('RECORD_MALFORMED');
    }
    expect(int().encode(-0)).toBe('0');
    expect(errorOf(() => int().encode(NaN)).message).toBe(
      'cannot encode: the value is NaN, but must be a whole number from -(2^53 - 1) to 2^53 - 1',
    );
  });
});

describe('double', () => {
  it('takes finite numbers only', () => {
    expect(double().parse('-1.5e300')).toBe(-1.5e300);
    for (const value of [NaN, Infinity, '1', null, 1n]) expect(() => double().decode(value)).toThrow('a finite number');
    for (const value of [NaN, -Infinity]) expect(() => double().encode(value)).toThrow('a finite number');
  });

  it('keeps -0', () => {
    expect(double().parse(double().encode(-0))).toBe(-0);
  });
});

describe('boolean', () => {
  it('takes true and false only', () => {
    expect([boolean().parse('true'), boolean().parse('false')]).toEqual([true, false]);
    expect([boolean().encode(true), boolean().encode(false)]).toEqual(['true', 'false']);
    for (const value of [0, 1, 'true', null, undefined]) expect(() => boolean().decode(value)).toThrow('true or false');
    expect(() => boolean().encode(1 as unknown as boolean)).toThrow('true or false');
  });
});

describe('json', () => {
  it('takes every JSON value', () => {
    for (const text of ['null', '0', '-0', '"a"', '[]', '{}', '{"__proto__":{"a":[1,{"b":null}]}}']) {
      expect(json().encode(json().parse(text))).toBe(text);
    }
  });

  it('names the place within a value that is not JSON', () => {
    const cases: readonly [unknown, string][] = [
      [{ a: [1, NaN] }, 'extra.a[1]'],
      [{ a: { 'b c': new Date(0) } }, 'extra.a["b c"]'],
      [{ a: undefined }, 'extra.a'],
      [[, 1], 'extra[0]'], // oxlint-disable-line no-sparse-arrays
      [new Map(), 'extra'],
      [() => 1, 'extra'],
      [1n, 'extra'],
      [undefined, 'extra'],
    ];
    for (const [value, path] of cases) {
      expect(pathOf(() => json().decode(value, 'extra'))).toBe(path);
      expect(errorOf(() => json().encode(value as JsonValue)).code).toBe('RECORD_MALFORMED');
    }
  });

  it('refuses cycles and nesting that would overflow the stack', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => json().decode(cycle)).toThrow('at most 1000 levels deep');
    expect(() => json().parse('['.repeat(1e5) + ']'.repeat(1e5))).toThrow('at most 1000 levels deep');
    expect(() => json().parse('['.repeat(1000) + ']'.repeat(1000))).not.toThrow();
  });
});

describe('parse', () => {
  it('says that text is not JSON without repeating a long line', () => {
    for (const text of ['', '{', 'nope', '{"a":\u0001}', `{"a":${'x'.repeat(5000)}`]) {
      const error = errorOf(() => json().parse(text));
      expect(error.code).toBe('RECORD_MALFORMED');
      expect(error.message).toMatch(/^not JSON: /);
      expect(error.message.length).toBeLessThan(140);
      expect(error.message).not.toMatch(/[\n\u0001]/);
    }
  });
});
