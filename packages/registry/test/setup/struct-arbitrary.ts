import fc from 'fast-check';
import { array, boolean, decimal, double, int, json, optional, string, struct, timestamp, type Schema } from 'millrace';

/** A schema, and values of it. */
export interface Case {
  readonly schema: Schema<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

const INT_MAX = Number.MAX_SAFE_INTEGER;
/** Days of which text and seconds are exact: years 1 to 9999. */
const TIME_MAX_MS = 253_402_300_799_999;
const TIME_MIN_MS = -62_135_596_800_000;

const ints = (max: number): fc.Arbitrary<number> => fc.integer({ min: -max, max }).map((n) => n + 0);

const smallDecimal = fc.tuple(fc.integer({ min: 1, max: 15 }), fc.nat(15)).map(([precision, scale]): Case => {
  const schema = decimal(precision as 15, Math.min(scale, precision));
  return { schema, values: ints(10 ** precision - 1) };
});

const bigDecimal = fc.tuple(fc.integer({ min: 16, max: 38 }), fc.nat(38)).map(([precision, scale]): Case => {
  const limit = 10n ** BigInt(precision) - 1n;
  const schema = decimal(precision as 38, Math.min(scale, precision));
  return { schema, values: fc.bigInt({ min: -limit, max: limit }) };
});

const text = fc.string({ unit: 'grapheme', maxLength: 20 });

const scalar: fc.Arbitrary<Case> = fc.oneof(
  fc.constant<Case>({ schema: string(), values: text }),
  fc.constant<Case>({ schema: int(), values: ints(INT_MAX) }),
  fc.constant<Case>({ schema: boolean(), values: fc.boolean() }),
  fc.constant<Case>({ schema: double(), values: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
  fc.constant<Case>({ schema: timestamp(), values: fc.integer({ min: TIME_MIN_MS, max: TIME_MAX_MS }) }),
  smallDecimal,
  bigDecimal,
);

/** JSON as JSON.stringify gives it back. */
const jsonCase: Case = {
  schema: json(),
  values: fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
};

const names = fc.stringMatching(/^[a-z][a-z_0-9]{0,8}$/).filter((name) => name !== 'constructor');

/** Structs of every kind of field; lists hold no lists and no optionals, which Protobuf does not have. */
export function structs(depth: number = 2): fc.Arbitrary<Case> {
  const inner = depth === 0 ? scalar : fc.oneof(scalar, structs(depth - 1));
  const field = fc.oneof(
    inner,
    fc.constant(jsonCase),
    inner.map(({ schema, values }): Case => ({ schema: array(schema), values: fc.array(values, { maxLength: 4 }) })),
    inner.map(({ schema, values }): Case => ({
      schema: optional(schema),
      values: fc.option(values, { nil: undefined }),
    })),
  );
  return fc
    .uniqueArray(fc.tuple(names, field), { minLength: 1, maxLength: 6, selector: ([name]) => name })
    .map((fields) => {
      const values = fields.map(([, { values: one }]) => one);
      return {
        schema: struct(Object.fromEntries(fields.map(([name, { schema }]) => [name, schema]))),
        values: fc
          .tuple(...values)
          .map((row) =>
            Object.fromEntries(
              fields.map(([name], i) => [name, row[i]] as const).filter(([, value]) => value !== undefined),
            ),
          ),
      };
    });
}

/** A struct with one value of it. */
export const structAndValue = structs().chain(({ schema, values }) => values.map((value) => ({ schema, value })));
