/* Types of schemas. Compiled by `npm run types`, never run. */
import { expectTypeOf } from 'vitest';
import type { JsonValue } from '../../src/model/index.ts';
import {
  array,
  boolean,
  compileDecoder,
  decimal,
  double,
  int,
  json,
  optional,
  string,
  struct,
  timestamp,
  type Infer,
  type Schema,
} from '../../src/schema/index.ts';
import type { FunctionCompiler } from '../../src/model/index.ts';

const Order = struct({
  order_id: string(),
  quantity: int(),
  weight: double(),
  paid: boolean(),
  amount: decimal(10, 2),
  wei: decimal(38, 18),
  event_time: timestamp(),
  tags: array(string()),
  items: array(struct({ sku: string(), price: optional(decimal(15, 2)) })),
  note: optional(string()),
  extra: json(),
  maybe: optional(json()),
});

interface Expected {
  order_id: string;
  quantity: number;
  weight: number;
  paid: boolean;
  amount: number;
  wei: bigint;
  event_time: number;
  tags: string[];
  items: { sku: string; price?: number }[];
  note?: string;
  extra: JsonValue;
  maybe?: Exclude<JsonValue, null>;
}

// Inference.
expectTypeOf<Infer<typeof Order>>().toEqualTypeOf<Expected>();
expectTypeOf(Order.decode(null)).toEqualTypeOf<Expected>();
expectTypeOf(Order.parse('')).toEqualTypeOf<Expected>();
expectTypeOf<Infer<ReturnType<typeof string>>>().toEqualTypeOf<string>();
expectTypeOf<Infer<number>>().toEqualTypeOf<never>();
expectTypeOf(array(optional(int())).decode(null)).toEqualTypeOf<(number | undefined)[]>();
expectTypeOf(decimal(1, 0)).toEqualTypeOf<Schema<number>>();
expectTypeOf(decimal(15, 0)).toEqualTypeOf<Schema<number>>();
expectTypeOf(decimal(16, 0)).toEqualTypeOf<Schema<bigint>>();
expectTypeOf(decimal(38, 0)).toEqualTypeOf<Schema<bigint>>();
expectTypeOf(Order.fields.items.decode(null)).toEqualTypeOf<Expected['items']>();

// A struct is a Schema of its value wherever one is asked for.
declare function ndjson<T>(path: string, options: { schema: Schema<T> }): { readonly out: T };
expectTypeOf(ndjson('f', { schema: Order }).out).toEqualTypeOf<Expected>();
const asSchema: Schema<Expected> = Order;
const asAnySchema: Schema<unknown> = Order;
declare const compile: FunctionCompiler;
expectTypeOf(compileDecoder(asSchema, compile)).toEqualTypeOf<
  ((value: unknown, path?: string) => Expected) | undefined
>();

// What must not compile.
// @ts-expect-error there is no precision 0
decimal(0, 2);
// @ts-expect-error no more than 38 digits
decimal(39, 2);
// @ts-expect-error the precision is a number
decimal('10', 2);
// @ts-expect-error the precision is a literal, it decides about the type
decimal(10 as number, 2);
// @ts-expect-error the scale is not optional
decimal(10);
// @ts-expect-error string instead of string()
struct({ order_id: string });
// @ts-expect-error values are no schemas
struct({ order_id: 'a' });
// @ts-expect-error array needs the schema of its elements
array();
// @ts-expect-error a cent amount is a number
const text: string = Order.parse('').amount;
// @ts-expect-error more than 15 digits are a bigint
const number: number = Order.parse('').wei;
// @ts-expect-error an optional field may be absent
const note: string = Order.parse('').note;
// @ts-expect-error an absent field is left out, not undefined
const explicit: Infer<typeof Order.fields.items>[number] = { sku: 'a', price: undefined };
// @ts-expect-error there is no such field
Order.parse('').nope;
// @ts-expect-error not what the schema encodes
string().encode(1);
// @ts-expect-error a field is missing
struct({ a: int(), b: int() }).encode({ a: 1 });
// @ts-expect-error a schema is immutable
Order.describe = '';

void [asAnySchema, text, number, note, explicit];
