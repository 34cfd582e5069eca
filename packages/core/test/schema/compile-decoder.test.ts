import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeFunctionCompiler } from '../../src/platform/node/compile-function.ts';
import {
  array,
  compileDecoder,
  decimal,
  int,
  optional,
  string,
  struct,
  timestamp,
  type Schema,
} from '../../src/schema/index.ts';
import type { FunctionCompiler } from '../../src/model/index.ts';
import { anyJson, compilable, samples } from './arbitraries.ts';
import { errorOf, outcomeOf } from './errors.ts';

function compiled<T>(schema: Schema<T>): (value: unknown, path?: string) => T {
  return compileDecoder(schema, nodeFunctionCompiler) ?? expect.fail('was not compiled');
}

const Order = struct({ order_id: string(), amount: decimal(10, 2), note: optional(string()), event_time: timestamp() });

describe('compileDecoder', () => {
  it('gives a decoder with the same values and errors as the interpreted one, for any schema and any JSON', () => {
    const cases = compilable.chain((sample) => fc.tuple(fc.constant(sample.schema), fc.array(sample.inputs)));
    fc.assert(
      fc.property(cases, fc.array(anyJson), ([schema, inputs], more) => {
        const decode = compiled(schema);
        for (const input of [...inputs, ...more, undefined]) {
          const expected = outcomeOf(() => schema.decode(input, 'line'));
          const actual = outcomeOf(() => decode(input, 'line'));
          expect(isDeepStrictEqual(actual, expected)).toBe(true);
          expect(keysInOrder(actual)).toEqual(keysInOrder(expected));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('puts no text of users into the source but identifiers that are field names', () => {
    fc.assert(
      fc.property(samples, ({ schema }) => {
        const compile: FunctionCompiler = (source, parameters) => {
          expect(source).not.toMatch(/__proto__|größe|two words/);
          return nodeFunctionCompiler(source, parameters);
        };
        const odd = /"name":"(__proto__|größe|two words|7|)"/.test(JSON.stringify(schema.definition));
        expect(compileDecoder(schema, compile) === undefined).toBe(odd);
      }),
    );
  });

  it('gives nothing where code generation is forbidden, so that the caller uses the interpreted decoder', () => {
    const forbidden: FunctionCompiler = () => {
      throw new EvalError('forbidden');
    };
    expect(compileDecoder(Order, forbidden)).toBeUndefined();
  });

  it('does decode on the fast path: good records never reach the interpreted decoder', () => {
    const spied = struct({ id: string(), at: timestamp(), tags: array(int()), note: optional(string()) });
    const slow = Object.create(spied, {
      decode: { value: () => expect.fail('took the slow path') },
    }) as typeof spied;
    const decode = compiled(slow);
    const line = '{"id":"a","x":1,"at":"2024-01-01T00:00:00Z","tags":[1,2],"__proto__":{"note":"no"}}';
    expect(decode(JSON.parse(line))).toEqual({ id: 'a', at: 1704067200000, tags: [1, 2] });
  });

  it('keeps optional fields in declared order', () => {
    const schema = struct({ a: optional(int()), b: int(), c: optional(int()), d: int() });
    expect(Object.keys(compiled(schema)({ d: 4, c: 3, b: 2, a: 1 }))).toEqual(['a', 'b', 'c', 'd']);
    expect(Object.keys(compiled(schema)({ d: 4, b: 2 }))).toEqual(['b', 'd']);
  });

  it('refuses things that are not schemas', () => {
    const error = errorOf(() => compileDecoder({} as Schema<string>, nodeFunctionCompiler));
    expect(error.code).toBe('SCHEMA_INVALID');
  });
});

describe('a compiled decoder on a polluted Object.prototype', () => {
  const root = Object.prototype as unknown as Record<string, unknown>;

  afterEach(() => {
    delete root['amount'];
  });

  it('does not take an inherited value for a field', () => {
    const decode = compiled(Order);
    const line = '{"order_id":"a","event_time":1}';
    root['amount'] = 5;
    expect(outcomeOf(() => decode(JSON.parse(line)))).toEqual(outcomeOf(() => Order.decode(JSON.parse(line))));
    expect(errorOf(() => decode(JSON.parse(line))).fields['path']).toBe('amount');
    expect(decode(JSON.parse('{"order_id":"a","event_time":1,"amount":2}')).amount).toBe(200);
  });
});

describe('nodeFunctionCompiler', () => {
  it('gives every function a source text of its own', () => {
    const first = nodeFunctionCompiler('return a + 1;', ['a']);
    const second = nodeFunctionCompiler('return a + 1;', ['a']);
    expect(first(1)).toBe(2);
    expect(String(first)).not.toBe(String(second));
  });

  it('throws for source that is no function body', () => {
    expect(() => nodeFunctionCompiler('return (', [])).toThrow(SyntaxError);
  });
});

function keysInOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return null;
  return Object.entries(value).map(([key, inner]) => [key, keysInOrder(inner)]);
}
