import fc from 'fast-check';
import {
  array,
  boolean,
  decimal,
  double,
  int,
  json,
  optional,
  string,
  struct,
  timestamp,
  type Schema,
} from '../../src/schema/index.ts';

/** A schema with values that it encodes and JSON values that it may or may not decode. */
export interface Sample {
  readonly schema: Schema<unknown>;
  readonly values: fc.Arbitrary<unknown>;
  readonly inputs: fc.Arbitrary<unknown>;
}

/** Any JSON value as `JSON.parse` gives it, own `__proto__` keys included. */
export const anyJson: fc.Arbitrary<unknown> = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown);

const FIELD_NAMES = ['a', 'b', 'amount', '$x', 'constructor', 'toString', 'valueOf', 'class'];
const ODD_NAMES = ['__proto__', 'größe', 'two words', '7', ''];
const EPOCH = fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 });

const sample = (schema: Schema<unknown>, values: fc.Arbitrary<unknown>, inputs: fc.Arbitrary<unknown>): Sample => ({
  schema,
  values,
  inputs,
});

const decimalSample = fc
  .integer({ min: 1, max: 15 })
  .chain((p) => fc.tuple(fc.constant(p), fc.integer({ min: 0, max: p })))
  .map(([p, s]) => {
    const max = 10 ** p - 1;
    const values = fc.integer({ min: -max, max });
    // The precision decides about the type only; here it is random.
    return sample(
      decimal(p as 10, s),
      values,
      fc.oneof(
        fc.double(),
        values.map((v) => v / 10 ** s),
        values,
        anyJson,
      ),
    );
  });

const bigDecimalSample = fc
  .integer({ min: 16, max: 38 })
  .chain((p) => fc.tuple(fc.constant(p), fc.integer({ min: 0, max: p })))
  .map(([p, s]) => {
    const max = 10n ** BigInt(p) - 1n;
    const texts = fc.tuple(fc.bigInt({ min: -max, max }), fc.nat(40)).map(([v, at]) => `${v}`.slice(0, at) + `.${v}`);
    const inputs = fc.oneof(texts, fc.bigInt({ min: -max, max }).map(String), fc.maxSafeInteger(), anyJson);
    return sample(decimal(p as 38, s), fc.bigInt({ min: -max, max }), inputs);
  });

const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc.constant(sample(string(), fc.string({ unit: 'binary' }), fc.oneof(fc.string(), anyJson))),
  fc.constant(sample(int(), fc.maxSafeInteger(), fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constant(-0), anyJson))),
  fc.constant(sample(double(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.oneof(fc.double(), anyJson))),
  fc.constant(sample(boolean(), fc.boolean(), fc.oneof(fc.boolean(), anyJson))),
  fc.constant(
    sample(
      timestamp(),
      EPOCH,
      fc.oneof(
        EPOCH,
        EPOCH.map((ms) => new Date(ms).toISOString()),
        fc.string(),
        anyJson,
      ),
    ),
  ),
  fc.constant(sample(json(), anyJson, anyJson)),
  decimalSample,
  bigDecimalSample,
);

interface Field {
  readonly name: string;
  readonly sample: Sample;
  readonly optional: boolean;
}

function recordOf(entries: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  // fromEntries defines own properties, also `__proto__`.
  return Object.fromEntries([...entries].filter(([, value]) => value !== undefined));
}

function structSample(fields: readonly Field[]): Sample {
  const schema = struct(
    Object.fromEntries(fields.map((f) => [f.name, f.optional ? optional(f.sample.schema) : f.sample.schema])) as Record<
      string,
      Schema<unknown>
    >,
  );
  const names = fields.map((f) => f.name);
  const values = fc
    .tuple(...fields.map((f) => (f.optional ? fc.option(f.sample.values, { nil: undefined }) : f.sample.values)))
    .map((all) =>
      recordOf(names.map((name, i) => [name, all[i] === null && fields[i]?.optional ? undefined : all[i]])),
    );
  const exact = fc
    .tuple(...fields.map((f) => (f.optional ? fc.option(f.sample.inputs) : f.sample.inputs)))
    .map((all) => recordOf(names.map((name, i) => [name, all[i]])));
  const good = values.map((value) => JSON.parse(schema.encode(value as never)) as unknown);
  const decoys = fc.array(fc.tuple(fc.constantFrom(...FIELD_NAMES, ...ODD_NAMES), anyJson), { maxLength: 3 });
  const noisy = fc.tuple(good, decoys).map(([a, b]) => recordOf([...Object.entries(a as object), ...b]));
  const inherited = good.map((value) => Object.setPrototypeOf({}, value as object) as unknown);
  return sample(schema as Schema<unknown>, values, fc.oneof(good, exact, noisy, inherited, anyJson));
}

function structOf(item: fc.Arbitrary<Sample>, names: readonly string[]): fc.Arbitrary<Sample> {
  const field = fc.record({ name: fc.constantFrom(...names), sample: item, optional: fc.boolean() });
  return fc.uniqueArray(field, { selector: (f) => f.name, maxLength: 5 }).map(structSample);
}

function arraySample(item: Sample): Sample {
  const values = fc.array(item.values, { maxLength: 4 });
  return sample(array(item.schema), values, fc.oneof(fc.array(item.inputs, { maxLength: 4 }), anyJson));
}

function samplesOf(names: readonly string[]): fc.Arbitrary<Sample> {
  return fc.letrec<{ any: Sample }>((tie) => ({
    any: fc.oneof({ maxDepth: 3, depthSize: 'small' }, leaf, structOf(tie('any'), names), tie('any').map(arraySample)),
  })).any;
}

/** Schemas of every kind, nested; field names that are identifiers. */
export const compilable: fc.Arbitrary<Sample> = samplesOf(FIELD_NAMES);

/** The same with field names of any kind. */
export const samples: fc.Arbitrary<Sample> = samplesOf([...FIELD_NAMES, ...ODD_NAMES]);
