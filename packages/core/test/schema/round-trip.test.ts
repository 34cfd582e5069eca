import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { samples } from './arbitraries.ts';
import { outcomeOf } from './errors.ts';

describe('a schema', () => {
  it('parses what it encoded into an equal value', () => {
    const cases = samples.chain((sample) => fc.tuple(fc.constant(sample.schema), sample.values));
    fc.assert(
      fc.property(cases, ([schema, value]) => {
        expect(isDeepStrictEqual(schema.parse(schema.encode(value)), value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('encodes everything it decoded from JSON, and decodes that to the same', () => {
    const cases = samples.chain((sample) => fc.tuple(fc.constant(sample.schema), sample.inputs));
    fc.assert(
      fc.property(cases, ([schema, input]) => {
        let decoded: unknown;
        try {
          decoded = schema.decode(input);
        } catch {
          return;
        }
        const encoded = outcomeOf(() => schema.encode(decoded));
        // The tolerance of decimals reaches 10^precision itself, which has a digit too many: see decimal.test.ts.
        fc.pre(!/ is -?10+, but must be a whole number \(in units/.test(JSON.stringify(encoded)));
        expect(encoded).toHaveProperty('value');
        expect(isDeepStrictEqual(schema.parse(schema.encode(decoded)), decoded)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is frozen plain data below its definition', () => {
    fc.assert(
      fc.property(samples, ({ schema }) => {
        expect(JSON.parse(JSON.stringify(schema.definition))).toEqual(schema.definition);
        const check = (value: unknown): void => {
          if (typeof value !== 'object' || value === null) return;
          expect(Object.isFrozen(value)).toBe(true);
          Object.values(value).forEach(check);
        };
        check(schema.definition);
        expect(Object.isFrozen(schema)).toBe(true);
      }),
    );
  });
});
