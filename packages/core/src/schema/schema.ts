import type { SchemaDefinition } from './definition.ts';

/**
 * The shape of a value: its TypeScript type, how it is read and checked, how it is written. Made by `struct`, `string`,
 * `int`, `double`, `boolean`, `decimal`, `timestamp`, `optional`, `array` and `json`; immutable.
 *
 * @typeParam T the decoded value
 *
 * @example
 * const Order = struct({ order_id: string(), amount: decimal(10, 2), event_time: timestamp() });
 * const order = Order.parse('{"order_id":"a","amount":12.3,"event_time":"2024-02-29T12:00:00Z"}');
 * order.amount;        // 1230, hundredths
 * Order.encode(order); // '{"order_id":"a","amount":12.3,"event_time":1709208000000}'
 */
export interface Schema<T> {
  /** The schema as frozen plain data. */
  readonly definition: SchemaDefinition;
  /** The schema for people, such as `decimal(10, 2)`. */
  readonly describe: string;
  /**
   * Checks a value as `JSON.parse` gives it and converts it.
   *
   * @param value anything; only own properties of objects are read, and it is not changed
   * @param path what the value is, for the error; default `''`: the value itself
   * @throws {MillraceError} `RECORD_MALFORMED` with `fields: { path, expected }`, naming the first field that does not fit
   */
  decode(value: unknown, path?: string): T;
  /**
   * The value as JSON text which `parse` turns into an equal value.
   *
   * @throws {MillraceError} `RECORD_MALFORMED` with `fields: { path, expected }` if the value does not fit the schema
   */
  encode(value: T): string;
  /**
   * `JSON.parse`, then `decode`.
   *
   * @throws {MillraceError} `RECORD_MALFORMED`, also for text that is not JSON
   */
  parse(text: string): T;
}

/**
 * The type of the values of a schema.
 *
 * @example
 * const Order = struct({ order_id: string(), note: optional(string()) });
 * type Order = Infer<typeof Order>; // { order_id: string; note?: string }
 */
export type Infer<S> = S extends { decode(value: unknown, path?: string): infer T } ? T : never;
