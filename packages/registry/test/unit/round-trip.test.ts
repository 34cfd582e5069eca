import fc from 'fast-check';
import type { Schema } from 'millrace';
import { describe, expect, it } from 'vitest';
import { avroOfSchema, avroOfStruct } from '../../src/avro/avro-kind.ts';
import { avroToStruct, jsonSchemaToStruct, structToAvro, structToJsonSchema } from '../../src/index.ts';
import { jsonOfStruct } from '../../src/json/json-schema-kind.ts';
import type { Kind } from '../../src/format/kind.ts';
import { protobufOfStruct } from '../../src/protobuf/protobuf-kind.ts';
import { structAndValue, structs } from '../setup/struct-arbitrary.ts';

const RUNS = Number(process.env['REGISTRY_RUNS'] ?? 300);

/** Writes and reads a value with what the schema would be registered as. */
function roundTrip(kind: Kind<unknown>, value: unknown, readWith: Kind<unknown> = kind): unknown {
  const schema = { ...kind.schema(undefined), resolved: [] };
  const bytes = kind.writer(schema, 77)(value);
  return readWith.reader(schema, [])(Buffer.from(bytes));
}

const KINDS: readonly (readonly [string, (schema: Schema<unknown>, name: string) => Kind<unknown>])[] = [
  ['Avro', avroOfStruct],
  ['Protobuf', protobufOfStruct],
  ['JSON Schema', jsonOfStruct],
];

describe('every value of every struct', () => {
  it.each(KINDS)('comes back from %s as it was', (_, kindOf) => {
    fc.assert(
      fc.property(structAndValue, ({ schema, value }) => {
        expect(roundTrip(kindOf(schema, 'com.shop.Value'), value)).toStrictEqual(value);
      }),
      { numRuns: RUNS },
    );
  });

  it('comes back from Avro read as it was written: what Avro says is what the struct says', () => {
    fc.assert(
      fc.property(structAndValue, ({ schema, value }) => {
        const natural = avroOfSchema<unknown>(undefined, [], 'Value');
        const back = roundTrip(avroOfStruct(schema, 'Value'), value, natural);
        // json() holding null is null in a struct and absent where Avro only knows a field of text.
        expect(dropNulls(back)).toStrictEqual(dropNulls(value));
      }),
      { numRuns: RUNS },
    );
  });

  it('comes back from Avro written by the Avro schema itself', () => {
    fc.assert(
      fc.property(structAndValue, ({ schema, value }) => {
        const kind = avroOfSchema<unknown>(structToAvro(schema, 'com.shop.Value'), [], 'com.shop.Value');
        expect(roundTrip(kind, value, avroOfStruct(schema, 'com.shop.Value'))).toStrictEqual(value);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('every struct', () => {
  it('comes back from its Avro schema', () => {
    fc.assert(
      fc.property(structs(), ({ schema }) => {
        expect(avroToStruct(structToAvro(schema, 'com.shop.Value')).definition).toEqual(schema.definition);
      }),
      { numRuns: RUNS },
    );
  });

  it('comes back from its JSON schema', () => {
    fc.assert(
      fc.property(structs(), ({ schema }) => {
        expect(jsonSchemaToStruct(structToJsonSchema(schema, 'Value')).definition).toEqual(schema.definition);
      }),
      { numRuns: RUNS },
    );
  });
});

function dropNulls(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one === null ? undefined : one)),
  );
}
